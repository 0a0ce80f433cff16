"""Generated firms are reproducible, consistent and realistic in size."""

import subprocess
import sys
from collections import Counter, defaultdict
from decimal import Decimal
from itertools import pairwise

import pytest
from msgspec.structs import replace
from records import depth, keys_of, phases, read, written

from contract_tests.totals import SUMS, TOTALS
from mock_ajera import MockAjera
from mock_ajera.sample.files import BadSample
from mock_ajera.sample.generator import grow
from mock_ajera.sample.people import People
from mock_ajera.sample.templates import sample_of, source
from mock_ajera.sample.writing import write

PROJECTS = 300


def firm(projects=PROJECTS, seed=None):
    return sample_of(source(projects, seed))


@pytest.fixture(scope="module")
def grown():
    """Provide the records of a generated firm by kind."""
    return {kind: list(rows) for kind, rows in firm().records.items()}


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_seed_always_gives_the_same_firm(tmp_path):
    """The files are identical, also when written by another process."""
    write(firm(90, "one"), tmp_path / "here")
    program = (
        "import sys; from pathlib import Path; from mock_ajera.sample.writing import write;"
        "from mock_ajera.sample.templates import sample_of, source;"
        "write(sample_of(source(90, 'one')), Path(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", program, tmp_path / "there"], check=True)
    assert files(tmp_path / "here") == files(tmp_path / "there")


def test_another_seed_gives_another_firm():
    """Only the generated projects differ."""
    one, other = (list(firm(80, seed).records["Project"]) for seed in ("one", "other"))
    assert one[:60] == other[:60]
    assert all(a["Description"] != b["Description"] or a != b for a, b in zip(one[60:], other[60:], strict=True))


@pytest.mark.parametrize(
    "kind", ["Project", "Ledger", "JournalEntry", "ExpenseReport", "ExpenseAttachment", "Timesheet"]
)
def test_rows_can_be_iterated_twice(grown, kind):
    """Rows are generated during the iteration, in any order of the kinds."""
    records = firm().records
    assert [list(records[kind]), list(records[kind])] == [grown[kind]] * 2


def test_all_records_at_once_are_those_of_each_kind(grown):
    """Projects are generated once, with the records that depend on them."""
    mixed = defaultdict(list)
    for kind, row in firm().all_records():
        mixed[kind].append(row)
    assert mixed == {kind: rows for kind, rows in grown.items() if rows}


def test_fewer_projects_of_a_grown_firm_are_fewer_in_all_records():
    fewer = grow(firm(80), 60, "other")
    assert list(fewer.all_records()) == [(kind, row) for kind, rows in fewer.records.items() for row in rows]


def test_the_number_of_projects():
    for projects in (1, 5, 60, 61):
        assert len(list(firm(projects).records["Project"])) == projects
    with pytest.raises(BadSample, match="at least one project"):
        source(0)


@pytest.mark.parametrize("projects", [1, 7, 45, 150])
def test_a_generated_firm_can_be_served(projects):
    """Every record follows the rules of the API and refers only to existing records."""
    with MockAjera(sample=str(projects)) as ajera:
        keys = keys_of(ajera, "Projects")
        assert len(keys) == projects
        assert [row["ProjectKey"] for row in read(ajera, "Projects", *keys)] == keys


def test_generated_projects_have_only_custom_fields_of_projects():
    base = sample_of(source("sample"))
    fields = [
        replace(field, On=("Client",)) if field.Name == "PermitNumber" else field for field in base.firm.CustomFields
    ]
    base = replace(base, firm=replace(base.firm, CustomFields=tuple(fields)))
    generated = list(grow(base, 90, "one").records["Project"])[60:]
    names = {name for project in generated for name in project if name.startswith("CF_")}
    assert "CF_SquareFootage" in names
    assert "CF_PermitNumber" not in names


def test_a_generated_project_can_be_written_back():
    """The record from GetProjects is a valid baseline and a valid update."""
    with MockAjera(sample="90") as ajera:
        projects = read(ajera, "Projects", *keys_of(ajera, "Projects")[60:])
        written(ajera, "Projects", [project | {"Notes": "written back"} for project in projects], projects)


def test_a_firm_in_files_equals_the_generated_firm(tmp_path):
    write(firm(70), tmp_path / "firm")
    with MockAjera(sample=tmp_path / "firm") as one, MockAjera(sample="70") as other:
        for ajera in (one, other):
            ajera.tenant.clock.freeze()
        assert read(one, "Projects") == read(other, "Projects")


def test_a_folder_that_is_not_empty_is_not_overwritten(tmp_path):
    (tmp_path / "firm.json").write_text("mine", encoding="utf-8")
    with pytest.raises(BadSample, match="the folder is not empty"):
        write(firm(2), tmp_path)
    assert (tmp_path / "firm.json").read_text(encoding="utf-8") == "mine"


# Distribution.


def test_project_numbers_and_keys(grown):
    """IDs are unique, begin with a year and ascend within it; keys ascend."""
    made = grown["Project"][60:]
    numbers = [row["ID"] for row in made]
    assert len(set(numbers)) == len(numbers)
    for year in {number[:4] for number in numbers if number[:2] == "20"}:
        own = [int(number[5:]) for number in numbers if number.startswith(year)]
        assert own == sorted(own)
    assert all(one["ProjectKey"] < other["ProjectKey"] for one, other in pairwise(made))


def test_few_projects_are_large(grown):
    """The largest tenth has more than half of all fees; the median project is small."""
    fees = sorted((row.get("TotalContractAmount", 0) for row in grown["Project"][60:]), reverse=True)
    assert sum(fees[: len(fees) // 10]) > sum(fees) / 2
    assert 15_000 < fees[len(fees) // 2] < 90_000


def test_most_projects_are_closed(grown):
    """Others are active, preliminary or on hold."""
    statuses = Counter(row.get("Status", "Active") for row in grown["Project"][60:])
    assert statuses["Closed"] > len(grown["Project"]) / 2
    assert {"Closed", "Active", "Preliminary"} < set(statuses)
    assert set(statuses) & {"Hold", "WorkHold", "BillingHold"}


def test_every_billing_type(grown):
    """Every billing type occurs, and FixedFee is the most common."""
    kinds = Counter(row["BillingType"] for row in grown["Project"])
    assert len(kinds) == 9
    assert kinds.most_common(1)[0][0] == "FixedFee"


def test_some_clients_have_many_projects(grown):
    """Several clients have only one project."""
    count = Counter(
        group["Client"]["ClientKey"] for row in grown["Project"] for group in row["InvoiceGroups"] if "Client" in group
    )
    assert max(count.values()) >= 8
    assert sum(number == 1 for number in count.values()) >= 5


def test_fees_of_phases_add_up_to_their_project(grown):
    for row in grown["Project"][60:]:
        tops = [phase for group in row["InvoiceGroups"] for phase in group["Phases"]]
        for member in ("LaborContractAmount", "ExpenseContractAmount", "ConsultantContractAmount"):
            assert sum(phase.get(member, 0) for phase in tops) == row.get(member, 0), row["ProjectKey"]


def test_roles_are_filled_by_qualified_employees(grown):
    """Managers and principals have the flag, and are active unless the project is closed."""
    people = {row["EmployeeKey"]: row for row in grown["Employee"]}
    for row in grown["Project"][60:]:
        for role, flag in (("ProjectManager", "IsProjectManager"), ("PrincipalInCharge", "IsPrincipal")):
            if role in row:
                employee = people[row[role]["EmployeeKey"]]
                assert employee[flag] is True
                assert employee.get("Status", "Active") == "Active" or row["Status"] == "Closed"


def test_no_other_value_depends_on_a_pay_rate(monkeypatch):
    """The draws of pay rates are separate from all others.

    Payroll entries and timesheets are computed from them, and the bills of the office from the number of paid people.
    """

    def of_office(row):
        return any("AccountKey" in line for line in row.get("LineItems", ()))

    def rows(firm):
        return {
            kind: [
                {name: value for name, value in row.items() if name != "PayRates"} for row in rows if not of_office(row)
            ]
            for kind, rows in firm.records.items()
            if kind not in ("JournalEntry", "Timesheet")
        }

    with_rates = rows(firm())
    monkeypatch.setattr(People, "_pay_rates", lambda *_: [{"StartDate": "@today-1", "PayRate": 1}])
    assert rows(firm()) == with_rates


@pytest.mark.parametrize("kind", ["Employee", "Contact"])
def test_generated_people_are_as_untidy_as_real_ones(grown, kind):
    """Some have no address or one of another person or in capitals, and names with commas, quotes and blanks."""
    people = [row for row in grown[kind][len(list(firm("sample").records[kind])) :] if "Title" in row]
    addresses = Counter(row.get("Email", "").lower() for row in people)
    assert len(people) / 20 < addresses.pop("") < len(people) / 5
    assert max(addresses.values()) > 1
    assert any(row.get("Email", "").isupper() for row in people)
    assert any(row.get("Email", "").istitle() for row in people)
    for text in (", Jr.", "Núñez-", "-O'Brien"):
        assert any(text in row["LastName"] for row in people)
    assert any(row["LastName"].endswith(" ") for row in people)


def test_phases_are_mostly_on_the_second_level(grown):
    """A warehouse of a real firm has 1044, 3007 and 258 phases on the three levels."""

    def level(rows, depth):
        return sum(1 if depth == 1 else level(row.get("Phases", ()), depth - 1) for row in rows)

    groups = [group for row in grown["Project"][60:] for group in row["InvoiceGroups"]]
    first, second, third = (sum(level(group["Phases"], depth) for group in groups) for depth in (1, 2, 3))
    assert 2.4 < second / first < 3.6
    assert 0.12 < third / first < 0.4


def test_most_phases_have_roles(grown):
    """Usually those of the project. Employees with a role are qualified for it."""
    people = {row["EmployeeKey"]: row for row in grown["Employee"]}
    counts = Counter()
    for row in grown["Project"][60:]:
        for phase in phases(row):
            manager = phase.get("ProjectManager")
            counts["none" if manager is None else "same" if manager == row.get("ProjectManager") else "other"] += 1
            assert manager is None or people[manager["EmployeeKey"]]["IsProjectManager"]
            for role in ("PrincipalInCharge", "MarketingContact"):
                assert role not in phase or phase[role] == row[role]
            counts["marketed"] += "MarketingContact" in phase
    assert counts["marketed"] > 0
    assert counts["same"] > counts["none"] > counts["other"] > 0


def test_fees_of_sub_phases_add_up_to_their_phase(grown):
    for row in grown["Project"][60:]:
        for phase in phases(row):
            for member in ("LaborContractAmount", "ExpenseContractAmount", "ConsultantContractAmount"):
                amounts = [sub.get(member, 0) for sub in phase.get("Phases", ())]
                assert not amounts or (sum(amounts) == phase.get(member, 0) and min(amounts) >= 0)


def test_phases_have_up_to_three_levels(grown):
    assert max(depth(group) for row in grown["Project"][60:] for group in row["InvoiceGroups"]) == 3


def test_names_are_neither_empty_nor_too_long(grown):
    for row in grown["Project"]:
        assert 0 < len(row["Description"]) <= 80
    for row in (*grown["Client"], *grown["Vendor"]):
        assert row.get("Description") or row.get("Name")


# Totals.


@pytest.fixture(scope="module")
def totals():
    """Provide GetProjectTotals of every project of a generated firm."""
    with MockAjera(sample="160") as ajera:
        asked = [{"RequestedProjectTotals": key} for key in keys_of(ajera, "Projects")]
        yield [ajera.content("GetProjectTotals", each)["ProjectTotals"] for each in asked]


def holders(project):
    return [project, *phases(project)]


@pytest.mark.parametrize("name", SUMS)
def test_totals_add_up(totals, name):
    """Totals are consistent for every project and phase (claim project.totals-add-up)."""
    for project in totals:
        for holder in holders(project):
            assert holder[name] == sum((holder[part] for part in SUMS[name]), Decimal(0)), project["ProjectKey"]


@pytest.mark.parametrize("name", TOTALS)
def test_totals_of_phases_add_up(totals, name):
    """They add up to the project; sub-phases add up to a phase without its own postings."""
    for project in totals:
        tops = [phase for group in project["InvoiceGroups"] for phase in group["Phases"]]
        assert project[name] == sum((phase[name] for phase in tops), Decimal(0)), project["ProjectKey"]
        for phase in phases(project):
            sub_total = sum((sub[name] for sub in phase.get("Phases", ())), Decimal(0))
            if phase.get("Phases") and project["ProjectKey"] > 60:
                assert phase[name] == sub_total, phase["PhaseKey"]


def test_balances(totals):
    """Receivables are billings minus receipts; payables are vendor invoices minus payments."""
    for project in totals:
        for holder in holders(project):
            assert holder["Payable Balance"] == holder["Vendor Invoiced"] - holder["Payments"]
            billed = holder["Billed"] + holder["Billed Sales Tax"] + holder["Billed Adjustments"]
            settled = holder["Receipts"] + holder["Receipts Sales Tax"] + holder["Receipts Adjustments"]
            assert holder["Receivable Balance"] == billed - settled - holder["Receipts Credit Memo"]
            assert holder["Receivable Balance"] >= 0


@pytest.mark.parametrize("name", TOTALS)
def test_every_total_is_nonzero_somewhere(totals, name):
    assert any(holder[name] for project in totals for holder in holders(project))


def days(text):
    return 0 if text == "@today" else int(text.removeprefix("@today"))


def test_dates_are_consistent(grown):
    """Phases start after their project, completion dates are in the past, and closed projects are complete."""
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


def test_units_times_rate_is_the_fee(grown):
    """A project has one unit, and the product differs from the fee by at most one unit rate."""
    for row in grown["Project"][60:]:
        if row["BillingType"] == "UnitPrice":
            for holder in (row, *phases(row)):
                assert holder["UnitDescription"] == row["UnitDescription"]
                worth = holder.get("Units", 0) * holder["UnitRate"]
                assert abs(worth - holder.get("TotalContractAmount", 0)) <= holder["UnitRate"]


def test_a_closed_phase_has_no_open_sub_phase(grown):
    for row in grown["Project"][60:]:
        for phase in phases(row):
            if phase["Status"] == "Closed":
                assert all(sub["Status"] == "Closed" for sub in phase.get("Phases", ()))


def test_generated_records_are_not_duplicates(grown):
    """Names of employees and descriptions of projects rarely repeat."""
    people = [(row["FirstName"], row["LastName"]) for row in grown["Employee"]]
    assert len(set(people)) >= len(people) - 1
    repeats = Counter((row["Description"], row.get("TotalContractAmount")) for row in grown["Project"])
    assert sum(number - 1 for number in repeats.values() if number > 1) <= 3


def test_open_projects_have_active_clients(grown):
    inactive = {row["ClientKey"] for row in grown["Client"] if row.get("Status") == "Inactive"}
    for row in grown["Project"][60:]:
        if row["Status"] != "Closed":
            assert not {group["Client"]["ClientKey"] for group in row["InvoiceGroups"] if "Client" in group} & inactive
