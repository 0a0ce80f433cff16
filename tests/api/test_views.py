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


def test_a_change_keeps_the_renderings_that_do_not_read_it(ajera):
    """Projects print names of clients, and no project prints another one."""
    rendered = []

    def read(kind):
        def render(body, view, stamp):
            rendered.append(kind)
            return {"Rows": [body[f"{kind}Key"]]}

        return list(render_all(ajera.tenant, kind, [1], "test", render))

    def change(kind, **members):
        ajera.put_record(kind, {f"{kind}Key": 3, "Description": "Changed", **members})

    for kind in ("Project", "Client"):
        read(kind)
    change("Client")
    for kind in ("Project", "Client"):
        read(kind)
    assert rendered == ["Project", "Client", "Project"]
    phase = {"PhaseKey": 9001, "Description": "All"}
    change("Project", ProjectKey=9000, InvoiceGroups=[{"InvoiceGroupKey": 9000, "Phases": [phase]}])
    for kind in ("Project", "Client"):
        read(kind)
    assert rendered == ["Project", "Client", "Project"]
