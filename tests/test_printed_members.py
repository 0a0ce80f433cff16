"""Every member that the page prints is in the answers of the sample firm, at its path, and no other one is."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from mock_ajera import MockAjera
from mock_ajera.claims import ledger

LIST = Path(__file__).parent / "printed_members.txt"
BATCH = 20
"""Projects per update: the whole firm is too large for one request."""
STAMP = "2017-12-06 14:46:06.873 GMT-08:00"

ONE_VALUE = {
    # The page prints it as null instead of the object Employee.
    "GetProjectsWithResources Projects[].InvoiceGroups[].Phases[].Resources[].EmployeeKey",
    # It is true in every deleted record.
    "UpdateProjects Projects[].Deleted",
}
"""Members that have only one value."""

NOT_PRINTED = {
    "project.stamped": r"(Projects|ProjectTemplates|Phases)\[\]\.LastModifiedDate",
    "project.v1-custom-fields-prefixed": r"(Projects|ProjectTemplates|Phases)\[\]\.CF_.*",
}
"""Members that no sample prints though the pages require or mention them, by the claim that says so."""
INSIDE = "Projects[].InvoiceGroups[].Phases[]."
"""The place where the page prints the resources and totals that are also on the project."""


def printed():
    """Return the paths of each method, and whether the members were observed."""
    found = defaultdict(dict)
    method = ""
    for line in LIST.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            method = line.strip("[]")
        elif line and not line.startswith("#"):
            found[method][line.removeprefix("!")] = not line.startswith("!")
    return dict(found)


PRINTED = printed()
METHODS = sorted(PRINTED)


def gather(value, path, found):
    """Add the values of every member below an object to ``found`` by path."""
    for name, item in value.items():
        at = f"{path}.{name}".removeprefix(".")
        if isinstance(item, list):
            at += "[]"
        for each in item if isinstance(item, list) else [item]:
            found[at].add(str(each))
            if isinstance(each, dict):
                gather(each, at, found)


def answers(ajera):
    """Yield each method of the page with Content of its answers over the whole firm."""

    def content(method, arguments=None):
        answer = ajera.call(method, arguments)
        assert answer["Errors"] == [], (method, ajera.journal[-1].reasons[:3])
        return answer["Content"]

    keys = [row["ProjectKey"] for row in content("ListProjects")["Projects"]]
    templates = [row["ProjectTemplateKey"] for row in content("ListProjectTemplates")["ProjectTemplates"]]
    for method in METHODS:
        if method == "GetProjectTotals":
            for key in keys:
                found = content(method, {"RequestedProjectTotals": key})
                yield method, {"Projects": [found["ProjectTotals"]]} if "ProjectTotals" in found else found
        elif method.startswith("Get"):
            asked = templates if method == "GetProjectTemplates" else keys
            yield method, content(method, {"RequestedProjects": asked})
        elif method.startswith("List"):
            yield method, content(method)
    read = content("GetProjects", {"RequestedProjects": keys})["Projects"]
    for at in range(0, len(read), BATCH):
        batch = read[at : at + BATCH]
        changed = [project | {"Notes": project["Notes"] + "!"} for project in batch]
        yield "UpdateProjects", content("UpdateProjects", {"UpdatedProjects": changed, "UnchangedProjects": batch})
    new = {"LastModifiedDate": STAMP, "Description": "x", "BillingType": "FixedFee", "Contacts": []}
    group = {"InvoiceGroupKey": -2, "Description": "x", "Client": {"ClientKey": 1}, "InvoiceFormatKey": 1}
    group["Phases"] = [new | {"PhaseKey": -3}]
    new |= {"CompanyKey": 1, "InvoiceGroups": [group]}
    for key in (-1, -17):
        made = content("UpdateProjects", {"UpdatedProjects": [new | {"ProjectKey": key}], "UnchangedProjects": []})
        yield "UpdateProjects", made
    gone = made["Projects"][0]
    delete = {"ProjectKey": gone["ProjectKey"], "LastModifiedDate": gone["LastModifiedDate"], "Delete": True}
    yield "UpdateProjects", content("UpdateProjects", {"UpdatedProjects": [delete], "UnchangedProjects": [gone]})


@pytest.fixture(scope="module", params=["documented", "observed"])
def profile(request):
    """Return each profile with the values of every path by method."""
    found = defaultdict(lambda: defaultdict(set))
    with MockAjera(profile=request.param) as ajera:
        for method, content in answers(ajera):
            gather(content, "", found[method])
    return request.param, found


@pytest.mark.parametrize("method", METHODS)
def test_the_printed_members_are_shown(profile, method):
    """The documented profile shows all of them, the observed one only those that were observed."""
    name, found = profile
    expected = {path: met or name == "documented" for path, met in PRINTED[method].items()}
    assert {path: path in found[method] for path in expected} == expected


def shown_by_the_page(method):
    """Return the paths that the page prints for a method, including those that it refers to."""
    found = set(PRINTED[method])
    if method in ("GetProjectsWithResources", "GetProjectTotals"):
        # "Additional fields omitted for clarity, to see other fields see GetProjects"
        found |= PRINTED["GetProjects"].keys()
        found |= {path.replace(INSIDE, "Projects[].", 1) for path in PRINTED[method] if path.startswith(INSIDE)}
    return found


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("profile", ["documented"], indirect=True)
def test_no_other_member_is_shown(profile, method):
    """The documented profile shows only what the page prints, and what a claim adds."""
    _, found = profile
    # A phase in a phase (claim project.v1-sub-phases) has the members of a phase.
    paths = {re.sub(r"(\.Phases\[\])+", ".Phases[]", path) for path in found[method]}
    added = re.compile("|".join(rf".*\b{pattern}(\..*)?" for pattern in NOT_PRINTED.values()))
    assert {path for path in paths - shown_by_the_page(method) if not added.fullmatch(path)} == set()


def test_the_claims_of_members_that_no_sample_prints_exist():
    assert NOT_PRINTED.keys() <= ledger().keys()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("profile", ["documented"], indirect=True)
def test_a_printed_member_has_values(profile, method):
    """A member with only one value could be a constant in the server."""
    _, found = profile
    free = [path for path in PRINTED[method] if f"{method} {path}" not in ONE_VALUE]
    assert {path: found[method][path] for path in free if len(found[method][path]) < 2} == {}


@pytest.mark.parametrize("profile", ["documented", "observed"])
def test_notes_of_a_resource_are_last(profile):
    """As the page prints them in the answer of an Update, and clients read them from GetProjectsWithResources."""
    with MockAjera(profile=profile) as ajera:
        keys = [row["ProjectKey"] for row in ajera.content("ListProjects")["Projects"]]
        method = "GetProjectsWithResources" if profile == "observed" else "GetProjects"
        projects = ajera.content(method, {"RequestedProjects": keys})["Projects"]
        if profile == "documented":
            changed = [project | {"Notes": "other"} for project in projects]
            arguments = {"UpdatedProjects": changed, "UnchangedProjects": projects}
            projects = ajera.content("UpdateProjects", arguments)["Projects"]
        resources = [row for project in projects for row in project["Resources"]]
        assert resources
        assert {list(row)[-1] for row in resources} == {"Notes"}
