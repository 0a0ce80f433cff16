"""RenderCache: what was rendered once is kept for as long as it is right."""

from __future__ import annotations

from mock_ajera.api.views import render_all


def test_a_record_is_rendered_once_until_something_changes(ajera):
    """The second reader gets what the first one got."""
    rendered = []

    def render(body, view, stamp):
        rendered.append(body["ClientKey"])
        return {"Clients": [{"ClientKey": body["ClientKey"]}]}

    def read():
        return list(render_all(ajera.tenant, "Client", [1, 2], "test", render))

    assert read() == read()
    assert rendered == [1, 2]
    ajera.tenant.set_quirks({"members": "all"})
    read()
    assert rendered == [1, 2, 1, 2]


def test_a_key_that_no_record_has_is_left_out(ajera):
    """Nothing is rendered for it (claim list.get-unknown-left-out)."""
    assert list(render_all(ajera.tenant, "Client", [1_999_999_999], "test", lambda body, view, stamp: {})) == []
