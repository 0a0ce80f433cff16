"""The render cache: audiences, validity and eviction."""

from mock_ajera.api.views import render_all
from mock_ajera.tenants.render_cache import EVERYBODY, RenderCache


def test_audiences_never_share_an_entry():
    cache = RenderCache()
    cache.put("Client", 1, "v1", EVERYBODY, "state", "for everybody")
    cache.put("Client", 1, "v1", 7, "state", "for employee 7")
    assert cache.get("Client", 1, "v1", EVERYBODY, "state") == "for everybody"
    assert cache.get("Client", 1, "v1", 7, "state") == "for employee 7"
    assert cache.get("Client", 1, "v1", 8, "state") is None
    assert cache.get("Client", 1, "v1", repr(EVERYBODY), "state") is None


def test_a_record_is_rendered_for_each_audience(ajera):
    rendered = []

    def render(body, view, stamp):
        rendered.append(len(rendered))
        return {"Clients": [rendered[-1]]}

    def read(audience):
        return list(render_all(ajera.tenant, "Client", [1], "test", render, audience=audience))

    answers = [read(audience) for audience in (EVERYBODY, 7, 8, EVERYBODY, 7, 8)]
    assert rendered == [0, 1, 2]
    assert answers[:3] == answers[3:]


def test_an_entry_is_valid_for_one_state():
    cache = RenderCache()
    cache.put("Client", 1, "v1", EVERYBODY, "old", "rendered")
    assert cache.get("Client", 1, "v1", EVERYBODY, "new") is None


def test_the_least_recently_used_entry_is_dropped_first():
    cache = RenderCache(limit=2)
    for key in (1, 2):
        cache.put("Client", key, "v1", EVERYBODY, "state", key)
    cache.get("Client", 1, "v1", EVERYBODY, "state")
    cache.put("Client", 3, "v1", EVERYBODY, "state", 3)
    assert [cache.get("Client", key, "v1", EVERYBODY, "state") for key in (1, 2, 3)] == [1, None, 3]
