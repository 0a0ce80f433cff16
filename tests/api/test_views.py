"""The cache of rendered records."""

from mock_ajera.api.views import render_all


def test_a_record_is_rendered_once_until_something_changes(ajera):
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
