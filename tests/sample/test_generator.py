"""Generated firms: the same from the same seed, coherent, and of the sizes of a real firm."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from decimal import Decimal
from itertools import pairwise

import pytest

from contract_tests.totals import SUMS, TOTALS
from mock_ajera import MockAjera
from mock_ajera.sample.files import BadSample
from mock_ajera.sample.templates import sample_of, source
from mock_ajera.sample.writing import write

PROJECTS = 300


def firm(projects=PROJECTS, seed=None):
    return sample_of(source(projects, seed))


@pytest.fixture(scope="module")
def grown():
    """The records of a generated firm by kind."""
    return {kind: list(rows) for kind, rows in firm().records.items()}


def phases(holder):
    """The phases of a project, a phase before its own."""
    for group in holder.get("InvoiceGroups", ()):
        yield from phases(group)
    for phase in holder.get("Phases", ()):
        yield phase
        yield from phases(phase)


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_one_seed_makes_one_firm(tmp_path):
    """Byte by byte, in another process too."""
    write(firm(90, "one"), tmp_path / "here")
    program = (
        "import sys; from pathlib import Path; from mock_ajera.sample.writing import write;"
        "from mock_ajera.sample.templates import sample_of, source;"
        "write(sample_of(source(90, 'one')), Path(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", program, tmp_path / "there"], check=True)
    assert files(tmp_path / "here") == files(tmp_path / "there")


def test_another_seed_makes_another_firm():
    """Behind the projects of the sample."""
    one, other = (list(firm(80, seed).records["Project"]) for seed in ("one", "other"))
    assert one[:60] == other[:60]
    assert all(a["Description"] != b["Description"] or a != b for a, b in zip(one[60:], other[60:], strict=True))


def test_rows_can_be_walked_twice(grown):
    """A large firm is made while it is walked over."""
    assert list(firm().records["Project"]) == grown["Project"]


def test_the_number_of_projects():
    """As many as were asked for: fewer than the sample has, as many, and more."""
    for projects in (1, 5, 60, 61):
        assert len(list(firm(projects).records["Project"])) == projects
    with pytest.raises(BadSample, match="at least one project"):
        source(0)


@pytest.mark.parametrize("projects", [1, 7, 45, 150])
def test_a_generated_firm_loads_and_answers(projects):
    """Every record passes the rules of the API and refers to others that are there."""
    with MockAjera(sample=str(projects)) as ajera:
        keys = [row["ProjectKey"] for row in ajera.call("ListProjects")["Content"]["Projects"]]
        assert len(keys) == projects
        read = ajera.call("GetProjects", {"RequestedProjects": keys})["Content"]["Projects"]
        assert [row["ProjectKey"] for row in read] == keys


def test_a_generated_project_can_be_written_back():
    """What a Get answers is a sound baseline and a sound update."""
    with MockAjera(sample="90") as ajera:
        keys = [row["ProjectKey"] for row in ajera.call("ListProjects")["Content"]["Projects"]][60:]
        read = ajera.call("GetProjects", {"RequestedProjects": keys})["Content"]["Projects"]
        changed = [project | {"Notes": "written back"} for project in read]
        answer = ajera.call("UpdateProjects", {"UpdatedProjects": changed, "UnchangedProjects": read})
        assert answer["Errors"] == [], ajera.journal[-1].reasons[:3]


def test_a_firm_on_files_is_the_firm(tmp_path):
    """What is written loads to the same records."""
    write(firm(70), tmp_path / "firm")
    with MockAjera(sample=tmp_path / "firm") as one, MockAjera(sample="70") as other:
        for ajera in (one, other):
            ajera.tenant.clock.freeze()
        keys = [row["ProjectKey"] for row in one.call("ListProjects")["Content"]["Projects"]]
        asked = {"RequestedProjects": keys}
        assert one.call("GetProjects", asked)["Content"] == other.call("GetProjects", asked)["Content"]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    """Nobody's firm is overwritten."""
    (tmp_path / "firm.json").write_text("mine", encoding="utf-8")
    with pytest.raises(BadSample, match="the folder is not empty"):
        write(firm(2), tmp_path)
    assert (tmp_path / "firm.json").read_text(encoding="utf-8") == "mine"


# What it is like.


def test_project_numbers_and_keys(grown):
    """Numbers begin with a year, ascend in it and stand once; keys ascend."""
    made = grown["Project"][60:]
    numbers = [row["ID"] for row in made]
    assert len(set(numbers)) == len(numbers)
    for year in {number[:4] for number in numbers if number[:2] == "20"}:
        own = [int(number[5:]) for number in numbers if number.startswith(year)]
        assert own == sorted(own)
    assert all(one["ProjectKey"] < other["ProjectKey"] for one, other in pairwise(made))


def test_few_projects_are_large(grown):
    """The largest tenth has more than half of all fees; the middle one is small."""
    fees = sorted((row.get("TotalContractAmount", 0) for row in grown["Project"][60:]), reverse=True)
    assert sum(fees[: len(fees) // 10]) > sum(fees) / 2
    assert 15_000 < fees[len(fees) // 2] < 90_000


def test_most_projects_are_closed(grown):
    """And there is work in hand, work to come, and work that rests."""
    statuses = Counter(row.get("Status", "Active") for row in grown["Project"][60:])
    assert statuses["Closed"] > len(grown["Project"]) / 2
    assert {"Closed", "Active", "Preliminary"} < set(statuses)
    assert set(statuses) & {"Hold", "WorkHold", "BillingHold"}


def test_every_billing_type(grown):
    """Mostly fixed fees."""
    kinds = Counter(row["BillingType"] for row in grown["Project"])
    assert len(kinds) == 9
    assert kinds.most_common(1)[0][0] == "FixedFee"


def test_some_clients_come_back(grown):
    """A few have many projects, many have one or none."""
    count = Counter(
        group["Client"]["ClientKey"] for row in grown["Project"] for group in row["InvoiceGroups"] if "Client" in group
    )
    assert max(count.values()) >= 8
    assert sum(number == 1 for number in count.values()) >= 5


def test_fees_of_phases_sum_to_their_project(grown):
    """On the upper level, to the cent."""
    for row in grown["Project"][60:]:
        tops = [phase for group in row["InvoiceGroups"] for phase in group["Phases"]]
        for member in ("LaborContractAmount", "ExpenseContractAmount", "ConsultantContractAmount"):
            assert sum(phase.get(member, 0) for phase in tops) == row.get(member, 0), row["ProjectKey"]


def test_who_leads_a_project_may(grown):
    """Managers and principals have the flag, and are there unless the project is closed."""
    people = {row["EmployeeKey"]: row for row in grown["Employee"]}
    for row in grown["Project"][60:]:
        for role, flag in (("ProjectManager", "IsProjectManager"), ("PrincipalInCharge", "IsPrincipal")):
            if role in row:
                who = people[row[role]["EmployeeKey"]]
                assert who[flag] is True
                assert who.get("Status", "Active") == "Active" or row["Status"] == "Closed"


def test_three_levels_of_phases(grown):
    """Large projects go that deep."""

    def depth(holder):
        return max((1 + depth(phase) for phase in holder.get("Phases", ())), default=0)

    assert max(depth(group) for row in grown["Project"][60:] for group in row["InvoiceGroups"]) == 3


def test_no_name_is_too_long(grown):
    """Nor empty."""
    for row in grown["Project"]:
        assert 0 < len(row["Description"]) <= 80
    for row in (*grown["Client"], *grown["Vendor"]):
        assert row.get("Description") or row.get("Name")


# Totals.


@pytest.fixture(scope="module")
def totals():
    """GetProjectTotals of every project of a generated firm, which begins with those of the sample."""
    with MockAjera(sample="160") as ajera:
        keys = [row["ProjectKey"] for row in ajera.call("ListProjects")["Content"]["Projects"]]
        yield [
            ajera.call("GetProjectTotals", {"RequestedProjectTotals": key})["Content"]["ProjectTotals"] for key in keys
        ]


def holders(project):
    return [project, *phases(project)]


@pytest.mark.parametrize("name", SUMS)
def test_totals_add_up(totals, name):
    """For every project and phase, however deep (claim project.totals-add-up)."""
    for project in totals:
        for holder in holders(project):
            assert holder[name] == sum((holder[part] for part in SUMS[name]), Decimal(0)), project["ProjectKey"]


@pytest.mark.parametrize("name", TOTALS)
def test_phases_sum_to_their_project(totals, name):
    """The upper phases to the project, and sub-phases to their phase when nothing is posted to it."""
    for project in totals:
        tops = [phase for group in project["InvoiceGroups"] for phase in group["Phases"]]
        assert project[name] == sum((phase[name] for phase in tops), Decimal(0)), project["ProjectKey"]
        for phase in phases(project):
            below = sum((sub[name] for sub in phase.get("Phases", ())), Decimal(0))
            if phase.get("Phases") and project["ProjectKey"] > 60:
                assert phase[name] == below, phase["PhaseKey"]


def test_balances(totals):
    """What is owed is billed and not received, and what the firm owes is invoiced and not paid."""
    for project in totals:
        for holder in holders(project):
            assert holder["Payable Balance"] == holder["Vendor Invoiced"] - holder["Payments"]
            billed = holder["Billed"] + holder["Billed Sales Tax"] + holder["Billed Adjustments"]
            settled = holder["Receipts"] + holder["Receipts Sales Tax"] + holder["Receipts Adjustments"]
            assert holder["Receivable Balance"] == billed - settled - holder["Receipts Credit Memo"]
            assert holder["Receivable Balance"] >= 0


@pytest.mark.parametrize("name", TOTALS)
def test_totals_are_not_all_zero(totals, name):
    """Somewhere in the firm each of them is something."""
    assert any(holder[name] for project in totals for holder in holders(project))


def days(text):
    return 0 if text == "@today" else int(text.removeprefix("@today"))


def test_days_follow_each_other(grown):
    """Phases lie inside their project, nothing is completed in the future, and closed work is not touched later."""
    for row in grown["Project"][60:]:
        for holder in (row, *phases(row)):
            for pair in ("Estimated", "Actual"):
                start, end = holder.get(f"{pair}StartDate"), holder.get(f"{pair}CompletionDate")
                assert start is None or end is None or days(start) <= days(end), row["ProjectKey"]
            assert days(holder.get("ActualCompletionDate", "@today-1")) < 0 or row["Status"] != "Closed"
        for phase in phases(row):
            assert days(phase["EstimatedStartDate"]) >= days(row["EstimatedStartDate"])
            if "ActualStartDate" in phase:
                assert days(phase["ActualStartDate"]) >= days(row["ActualStartDate"])
            if row["Status"] == "Closed":
                assert phase["Status"] == "Closed"
                assert "ActualCompletionDate" in phase, phase["PhaseKey"]
        if row["Status"] == "Closed":
            changed = days(row["LastModifiedDate"].partition(" ")[0])
            assert changed >= days(row["ActualCompletionDate"])
            if "ReportedPercentCompleteDate" in row:
                assert days(row["ReportedPercentCompleteDate"]) <= days(row["ActualCompletionDate"])


def test_units_make_the_fee(grown):
    """Of one unit and price in a project, to within a unit's hundredth."""
    for row in grown["Project"][60:]:
        if row["BillingType"] == "UnitPrice":
            for holder in (row, *phases(row)):
                assert holder["UnitDescription"] == row["UnitDescription"]
                worth = holder.get("Units", 0) * holder["UnitRate"]
                assert abs(worth - holder.get("TotalContractAmount", 0)) <= holder["UnitRate"]


def test_a_closed_phase_has_no_open_phase_below(grown):
    """It closes last."""
    for row in grown["Project"][60:]:
        for phase in phases(row):
            if phase["Status"] == "Closed":
                assert all(below["Status"] == "Closed" for below in phase.get("Phases", ()))


def test_no_generated_record_is_the_twin_of_one_before(grown):
    """A firm that is grown from a grown one goes on with other draws."""
    people = [(row["FirstName"], row["LastName"]) for row in grown["Employee"]]
    assert len(set(people)) >= len(people) - 1
    twins = Counter((row["Description"], row.get("TotalContractAmount")) for row in grown["Project"])
    assert sum(number - 1 for number in twins.values() if number > 1) <= 3


def test_open_projects_have_clients_who_are_there(grown):
    """No work is done for a client who is gone."""
    gone = {row["ClientKey"] for row in grown["Client"] if row.get("Status") == "Inactive"}
    for row in grown["Project"][60:]:
        if row["Status"] != "Closed":
            assert not {group["Client"]["ClientKey"] for group in row["InvoiceGroups"] if "Client" in group} & gone
