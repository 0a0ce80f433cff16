"""CreateProjects: one new project with its invoice groups and phases, in version 2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from mock_ajera.api import errors
from mock_ajera.api.changes import unknown_members, update
from mock_ajera.api.custom_fields import CF
from mock_ajera.api.families.parts import without_nulls
from mock_ajera.api.families.projects.flat import KEYS, LAYOUTS, LISTS, PROJECT
from mock_ajera.api.families.projects.flat_changes import Bundle, bundle_of
from mock_ajera.api.families.projects.flat_rows import FlatChange, Sent, repeated_keys
from mock_ajera.api.firm_values import FirmValues
from mock_ajera.api.loading import load
from mock_ajera.api.member import Body, Member
from mock_ajera.api.methods import Answer, Call, Method, Operation
from mock_ajera.api.reasons import within
from mock_ajera.api.records import Record
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.model import Need
from mock_ajera.tenants.trace import relies_on

SKELETON: Mapping[str, Any] = {
    "CreateType": "Project",
    "Project": {
        "ID": "",
        "Description": "",
        "CompanyKey": 0,
        "DepartmentKey": 0,
        "ProjectTypeKey": 0,
        "BillingType": "",
        "Status": "",
        "RateTableKey": 0,
        "ProjectManager": {"EmployeeKey": 0},
        "PrincipalInCharge": {"EmployeeKey": 0},
        "EstimatedStartDate": "",
        "EstimatedCompletionDate": "",
        "Notes": "",
    },
    "InvoiceGroups": [{"Description": "", "ClientKey": 0, "InvoiceFormatKey": 0}],
    "Phases": [{"Description": "", "DepartmentKey": 0, "BillingType": ""}],
}
"""The Content of the answer to a request of the wrong shape (claim ``project.v2-skeleton-ours``)."""

_ARGUMENTS = {
    "CreateType": 'the text "Project"',
    "Project": "object",
    "InvoiceGroups": "list of one or more objects",
    "Phases": "list of one or more objects",
}
"""The arguments and their types."""
_ROWS = ("Project", "InvoiceGroups", "Phases")
"""The arguments with rows of the first lists of a bundle."""

_LOWEST = -(2**31)
"""The first key of the rows that send none, far from those that a client would send."""


class Anything(Member):
    """An argument that is not checked when it is read."""

    def __init__(self, type_name: str) -> None:
        super().__init__()
        self._type_name = type_name

    @property
    def type_name(self) -> str:
        return self._type_name

    @property
    def needed(self) -> str:
        return "always"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return value


def create_projects(record: Record) -> Method:
    """Return the method CreateProjects."""

    def handle(call: Call) -> Answer:
        if wrong := list(_wrong_shape(call.arguments)):
            return _answer_wrong_shape(call, wrong)
        change = _change(call)
        outcome = update(record, [change], call.tenant, single=True, unknown=unknown_members(call.tenant))
        return Answer(bundle_of(call, record, outcome))

    def example(firm: FirmValues) -> dict[str, Any]:
        rows = {name: LISTS[name].example(firm, keys=False) for name in ("Projects", "InvoiceGroups", "Phases")}
        project = rows.pop("Projects") | {"CompanyKey": firm.key("Company")}
        return {"CreateType": "Project", "Project": project} | {name: [row] for name, row in rows.items()}

    operation = Operation(
        {name: Anything(type_name) for name, type_name in _ARGUMENTS.items()},
        handle,
        "project.v2-create",
        claims={"CreateType": "project.v2-wrong-shape"},
        ignored="project.v2-create-extra-arguments",
        takes=tuple(replace(each, at=at, proof=()) for each, at in zip(LAYOUTS, _ROWS, strict=False)),
        answers=LAYOUTS,
        manual=(
            *("project.v2-create-keys", "project.v2-company-required"),
            *("project.v2-first-group", "project.v2-phase-inherits", "project.v2-create-ignores-custom-fields"),
        ),
        example=example,
    )
    return Method(
        name="CreateProjects",
        access="write",
        versions={2: operation},
        kind=record.kind,
        needs=(Need(record.kind),),
    )


def _wrong_shape(arguments: Mapping[str, Any]) -> Iterator[Reason]:
    """Yield the reasons why Ajera would answer with a skeleton instead of creating anything."""
    claim = "project.v2-wrong-shape"
    if arguments.get("CreateType") != "Project":
        yield Reason("CreateType", "shape", "Project is expected", claim)
    if not isinstance(arguments.get("Project"), Mapping):
        yield Reason("Project", "shape", "an object is expected", claim)
    for name in ("InvoiceGroups", "Phases"):
        rows = arguments.get(name)
        if not isinstance(rows, list) or not rows or not all(isinstance(row, Mapping) for row in rows):
            yield Reason(name, "shape", "a list of one or more objects is expected", claim)


def _answer_wrong_shape(call: Call, wrong: list[Reason]) -> Answer:
    if call.tenant.quirk("wrong_create_shape") == "refuse":
        raise errors.InvalidData(*wrong)
    for claim in ("project.v2-wrong-shape", "project.v2-skeleton-ours"):
        relies_on(claim)
    return Answer(dict(SKELETON), notes=wrong)


def _change(call: Call) -> FlatChange:
    """Return the creation that a request of the right shape describes. Raises ``InvalidData``."""
    arguments = call.arguments
    named = [("Projects", "Project", arguments["Project"])]
    named += [
        (name, f"{name}[{i}]", row) for name in ("InvoiceGroups", "Phases") for i, row in enumerate(arguments[name])
    ]
    rows: list[Sent] = []
    faults: list[Reason] = []
    for number, (name, at, raw) in enumerate(named):
        row, faults_of_row = _row(name, at, raw, _LOWEST + number, call)
        rows.append(row)
        faults += faults_of_row
    faults += _company_faults(rows[0].values, call)
    if faults or (faults := list(repeated_keys(rows))):
        raise errors.InvalidData(*faults)
    return FlatChange("Project", {PROJECT.key.name: rows[0].key}, [], Bundle({}), rows=rows)


def _row(name: str, at: str, raw: Mapping[str, Any], number: int, call: Call) -> tuple[Sent, list[Reason]]:
    """Return a new row with its faults. ``number``: its key if it does not send one."""
    given = without_nulls(raw)
    key = KEYS[name]
    if key in given:
        relies_on("project.v2-create-keys")
    values, faults = load(LISTS[name], {key: number} | _without_custom(given), at, unknown=unknown_members(call.tenant))
    if values.get(key, -1) > 0:
        faults.append(Reason(within(at, key), "key", "a new row has a negative key or none", "project.v2-create-keys"))
    return Sent(name, at, values), faults


def _company_faults(project: Body, call: Call) -> Iterator[Reason]:
    """Set the company of the project if it is not sent and the firm has only one."""
    companies = call.tenant.model.tables["Company"].entries
    if "CompanyKey" in project:
        return
    if len(companies) == 1:
        relies_on("project.v2-single-company")
        project["CompanyKey"] = next(iter(companies))
    else:
        text = f"required, because the firm has {len(companies)} companies"
        yield Reason("Project.CompanyKey", "required", text, "project.v2-company-required")


def _without_custom(raw: Body) -> Body:
    """Return a row without its custom fields, which CreateProjects ignores."""
    kept = {name: value for name, value in raw.items() if name != "CustomFields" and not name.startswith(CF)}
    if len(kept) < len(raw):
        relies_on("project.v2-create-ignores-custom-fields")
    return kept
