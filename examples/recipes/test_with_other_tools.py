"""Tests with tools that intercept or forbid connections: the calls of the program must get through to the mock.

The calls of the test itself (ajera.call, ajera.content) need nothing of this: they do not use the network.
"""

import httpx
import pytest
import requests
import responses
import respx
import vcr

LOOPBACK = "127.0.0.1"


def company(ajera, post=requests.post):
    """The program: it logs in with an HTTP client and returns the name of the company."""
    login = {"Method": "CreateAPISession", "Username": ajera.username, "Password": ajera.password, "APIVersion": 1}
    return post(ajera.url, json=login, timeout=30).json()["Content"]["CompanyName"]


NAME = "Fennimore Quay Architects & Engineers"


def test_with_vcr(ajera, tmp_path):
    with vcr.use_cassette(tmp_path / "other_service.yaml", record_mode="none", ignore_localhost=True):
        assert company(ajera) == NAME


@responses.activate
def test_with_responses(ajera):
    responses.add_passthru(f"http://{LOOPBACK}")
    responses.get("https://weather.example/today", json={"rain": True})
    assert requests.get("https://weather.example/today", timeout=30).json() == {"rain": True}
    assert company(ajera) == NAME


def test_with_respx(ajera):
    with respx.mock() as mocked:
        mocked.route(host=LOOPBACK).pass_through()
        mocked.get("https://weather.example/today").respond(json={"rain": True})
        assert httpx.get("https://weather.example/today").json() == {"rain": True}
        assert company(ajera, httpx.post) == NAME


@pytest.mark.allow_hosts([LOOPBACK])  # on the command line: --allow-hosts=127.0.0.1
def test_with_pytest_socket(ajera):
    assert company(ajera) == NAME


@pytest.mark.disable_socket  # on the command line: --disable-socket
def test_without_any_socket(ajera):
    assert ajera.content("ListCompanies")["Companies"]


def test_behind_a_proxy(ajera, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", LOOPBACK)
    assert company(ajera) == NAME
