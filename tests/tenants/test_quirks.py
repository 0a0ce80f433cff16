"""Quirks: names, values, profiles, and the behavior of each value."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from records import keys_of, new_client, read, read_one, reasons, update

from mock_ajera import ControlError, MockAjera
from mock_ajera.claims import ledger
from mock_ajera.sample.templates import new_tenant, open_tenant
from mock_ajera.store import SqliteStore
from mock_ajera.tenants.clock import Clock
from mock_ajera.tenants.quirks import QUIRKS, profile_values


def test_every_quirk_has_a_claim_in_the_ledger():
    owed = {quirk.name: quirk.claim for quirk in QUIRKS.values() if quirk.claim not in ledger()}
    assert not owed, f"Add these claims to mock_ajera/claims; see docs/contributing.md#add-a-claim: {owed}"


@pytest.mark.parametrize("quirk", QUIRKS.values(), ids=QUIRKS)
def test_both_profiles_have_a_valid_value_for_every_quirk(quirk):
    assert quirk.check(quirk.observed) == quirk.observed
    assert quirk.check(quirk.documented) == quirk.documented


def test_an_unknown_quirk_is_refused_and_none_is_set(ajera):
    with pytest.raises(ValueError, match=r"there is no quirk 'sucess_code'; did you mean success_code\?"):
        ajera.tenant.set_quirks({"success_code": "zero", "sucess_code": "zero"})
    assert ajera.tenant.quirk("success_code") == "200"
    with pytest.raises(ValueError, match=r"there is no quirk 'wxyz'; the quirks are .*success_code"):
        ajera.tenant.set_quirks({"wxyz": 1})


def test_an_invalid_value_is_refused():
    """The message lists the valid values."""
    with pytest.raises(ValueError, match="quirk success_code: 'two' is not one of 200, zero, docs"):
        QUIRKS.checked("success_code", "two")


def test_a_value_may_be_text():
    """The command line and the environment provide only text."""
    assert QUIRKS.checked("generic_error_item", "TRUE") is True
    assert QUIRKS.checked("employees_per_get", "7") == 7


def test_an_unknown_profile_is_refused():
    with pytest.raises(ValueError, match="there is no profile 'real'"):
        profile_values("real")


@pytest.mark.parametrize(
    ("value", "login", "listed", "logout"), [("200", 200, 200, 200), ("zero", 200, 0, 0), ("docs", 0, 200, 0)]
)
def test_success_code(value, login, listed, logout):
    """The ResponseCode of a success depends on the quirk (claims envelope.success-code-...)."""
    with MockAjera(quirks={"success_code": value}) as ajera:
        credentials = {"Username": ajera.username, "Password": ajera.password, "APIVersion": 1}
        opened = ajera.post({"Method": "CreateAPISession", **credentials})
        ended = {"Method": "EndAPISession", "SessionToken": opened["Content"]["SessionToken"]}
        codes = [opened["ResponseCode"], ajera.call("ListCompanies")["ResponseCode"], ajera.post(ended)["ResponseCode"]]
        assert codes == [login, listed, logout]


def test_generic_error_item():
    """The generic item follows the specific one (claim errors.generic-item)."""
    with MockAjera(quirks={"generic_error_item": True}) as ajera:
        texts = [item["ErrorMessage"] for item in ajera.call("NoSuchMethod")["Errors"]]
        assert texts == ["Unauthorized method: NoSuchMethod", "An error has occurred."]


def test_harmless_error_item():
    """Only a success has the item with the ErrorID 0 (claim envelope.harmless-error-item)."""
    with MockAjera(quirks={"harmless_error_item": True}) as ajera:
        listed = ajera.call("ListCompanies")
        assert (listed["Message"], [item["ErrorID"] for item in listed["Errors"]]) == ("Success", [0])
        assert listed["Content"]["Companies"]
        assert all(item["ErrorID"] < 0 for item in ajera.call("NoSuchMethod")["Errors"])


@pytest.mark.parametrize(
    ("value", "content"), [("object", {"Content": {}}), ("null", {"Content": None}), ("absent", {})]
)
def test_refused_content(value, content):
    """A request, all records of an Update or a part of them may be refused (claim envelope.failure-content-missing)."""
    with MockAjera(quirks={"refused_content": value}) as ajera:
        wrong = {"UpdatedClients": [new_client() | {"Status": "?"}], "UnchangedClients": []}
        for answer in (ajera.call("NoSuchMethod"), ajera.call("UpdateClients", wrong)):
            assert {name: answer[name] for name in answer if name == "Content"} == content
            assert list(answer)[-1] == "UsageKey"
        wrong["UpdatedClients"].append(new_client("Another") | {"ClientKey": -2})
        assert ajera.call("UpdateClients", wrong)["Content"]["NumberOfClientsUpdated"] == 1
        assert ajera.content("ListClients", {"FilterByNameLike": "no such name"}) == {"Clients": []}


@pytest.mark.parametrize(("value", "found"), [("listed", {"Active", "Hold"}), ("active", {"Active"})])
def test_project_status_filter(value, found):
    """Every listed status counts, or a list narrows to Active (claim filter.status-narrows-to-active)."""
    with MockAjera(quirks={"project_status_filter": value}) as ajera:

        def statuses(noun, *asked):
            filters = {"FilterByStatus": list(asked)} if asked else {}
            rows = ajera.content(f"List{noun}", filters)[noun]
            return {read_one(ajera, noun, row[f"{noun[:-1]}Key"])["Status"] for row in rows}

        assert statuses("Projects", "Active", "Hold") == found
        assert statuses("Projects", "Hold", "Hold") == {"Hold"}
        assert len(statuses("Projects")) > 2
        assert statuses("ProjectTemplates", "Preliminary") <= {"Preliminary"}


@pytest.mark.parametrize("value", [False, True])
def test_vary_guesses_of_projects(value):
    """The defaults of the entry flags in version 1 and the totals of an unknown key are guesses."""
    with MockAjera(quirks={"vary_guesses": value}) as ajera:
        assert bool(ajera.call("GetProjectTotals", {"RequestedProjectTotals": 987654})["Errors"]) is value
        new = {"LastModifiedDate": "2017-12-06 14:46:06.873 GMT-08:00", "Description": "x", "BillingType": "FixedFee"}
        phase = new | {"PhaseKey": -3, "Contacts": []}
        group = {"InvoiceGroupKey": -2, "Description": "x", "Client": {"ClientKey": 1}, "InvoiceFormatKey": 1}
        group["Phases"] = [phase, phase | {"PhaseKey": -4, "LaborEntry": value}]
        project = new | {"ProjectKey": -1, "CompanyKey": 1, "Contacts": [], "InvoiceGroups": [group]}
        (made,) = update(ajera, "Projects", project)["Content"]["Projects"]
        phases = made["InvoiceGroups"][0]["Phases"]
        assert [row["LaborEntry"] for row in (made, *phases)] == [not value, not value, value]
        assert made["ExpenseConsultantEntry"] is not value


def test_unknown_method_with_success():
    """Some instances answer an unknown method with an empty success (claim errors.unknown-method-empty)."""
    with MockAjera(quirks={"unknown_method": "empty"}) as ajera:
        answer = ajera.call("GetEmployee", {"RequestedEmployee": 1})
        assert (answer["ResponseCode"], answer["Errors"], answer["Content"]) == (200, [], {})


def test_lists_of_version_1_only():
    """With ``refuse``, only documented methods are served in version 2 (claim reference.version-1-only)."""
    with MockAjera(quirks={"version_2_lists": "refuse"}) as ajera:
        for method in ("ListClients", "ListContacts", "ListVendors", "ListCompanies", "ListWageTables"):
            assert ajera.call(method, version=1)["Errors"] == []
            (item,) = ajera.call(method, version=2)["Errors"]
            assert item["ErrorMessage"] == (
                f"Unauthorized method {method} for api version 2 but is supported with api version 1"
            )
            assert ajera.journal[-1].reasons[0].claim == "reference.version-1-only"
        for method in ("ListProjects", "GetProjects"):
            assert ajera.call(method, {"RequestedProjects": [1]}, version=2)["Errors"] == []


def test_untried_methods_of_version_1():
    """With ``serve``, version 2 has the other methods of version 1 too (claim session.untried-method-served)."""
    with MockAjera() as ajera:
        calls = {
            "GetClients": {"RequestedClients": [1]},
            "GetProjectTotals": {"RequestedProjectTotals": 1},
            "ListProjectTemplates": {},
            "GetProjectTemplates": {"RequestedProjects": [keys_of(ajera, "ProjectTemplates")[0]]},
            "ListExpenseReports": {},
            "GetGLAccounts": {},
        }
        for method, arguments in calls.items():
            (item,) = ajera.call(method, arguments, version=2)["Errors"]
            assert item["ErrorMessage"].endswith("for api version 2 but is supported with api version 1")
            assert ajera.journal[-1].reasons[0].claim == "session.untried-method-refused"
        ajera.set_quirks(version_2_untried="serve")
        for method, arguments in calls.items():
            content = ajera.content(method, arguments, version=2)
            assert content == ajera.content(method, arguments), method
        for method in ("ListEmployees", "GetEmployees"):
            assert ajera.call(method, {"RequestedEmployees": [1]}, version=2)["Errors"]


def test_wrong_create_shape():
    """With ``refuse``, a request of the wrong shape is refused with the same reasons (claim project.v2-wrong-shape)."""
    with MockAjera() as ajera:
        assert ajera.content("CreateProjects", {"CreateType": "Project"}, version=2)["CreateType"] == "Project"
        notes = ajera.journal[-1].notes
        ajera.set_quirks(wrong_create_shape="refuse")
        assert ajera.call("CreateProjects", {"CreateType": "Project"}, version=2)["Errors"]
        assert ajera.journal[-1].reasons == notes


@pytest.mark.parametrize("version", [1, 2])
def test_guessed_methods(version):
    """A method that is known only by name is refused, with the reason, or served (claim permission.guessed-methods)."""
    with MockAjera() as ajera:
        answer = ajera.call("ListAttachmentCategories", version=version)
        assert answer["Errors"][0]["ErrorMessage"] == "Unauthorized method: ListAttachmentCategories"
        (reason,) = ajera.journal[-1].reasons
        assert "known only by its name on the API permission screen; the quirk guessed_methods" in reason.text
        ajera.set_quirks(guessed_methods="serve")
        assert ajera.content("ListAttachmentCategories", version=version)["AttachmentCategories"]
        assert "permission.guessed-methods" in ajera.journal[-1].claims


def test_a_guess_may_need_two_quirks():
    """Version 2 of a guessed list is a guess about a list and about a version."""
    with MockAjera(quirks={"guessed_methods": "serve", "version_2_lists": "refuse"}) as ajera:
        assert ajera.call("ListAttachmentCategories")["Errors"] == []
        text = ajera.call("ListAttachmentCategories", version=2)["Errors"][0]["ErrorMessage"]
        assert text.endswith("for api version 2 but is supported with api version 1")


@pytest.mark.parametrize(("value", "taken"), [("exact", False), ("any", True)])
def test_member_case(value, taken):
    """Names of members, at any depth, in any case or only as printed (claim reading.member-names-any-case)."""
    with MockAjera(quirks={"member_case": value}) as ajera:
        login = {"method": "CreateAPISession", "USERNAME": ajera.username, "password": ajera.password, "apiversion": 1}
        opened = ajera.post(login)
        assert (opened["Errors"] == []) is taken
        token = opened["Content"].get("SessionToken") or ajera.token()
        arguments = {"filterbystatus": ["Active"], "FILTERBYNAMELIKE": "no such name"}
        listed = {"method": "ListClients", "sessiontoken": token, "methodarguments": arguments}
        assert (ajera.post(listed)["Content"] == {"Clients": []}) is taken
        assert ("reading.member-names-any-case" in ajera.journal[-1].claims) is taken
        before = read_one(ajera, "Projects", 1)
        after, unchanged = lowered(before | {"Notes": "changed"}), {"unchangedprojects": [lowered(before)]}
        answer = ajera.call("UpdateProjects", {"updatedProjects": [after], **unchanged})
        assert (answer["Errors"] == []) is taken
        assert (read_one(ajera, "Projects", 1)["Notes"] == "changed") is taken


def lowered(value):
    """Return a value whose members have lowercase names, apart from custom fields."""
    if isinstance(value, dict):
        own = {name: item for name, item in value.items() if name.startswith("CF_")}
        return {name.lower(): lowered(item) for name, item in value.items() if name not in own} | own
    return [lowered(item) for item in value] if isinstance(value, list) else value


def test_member_case_in_version_2():
    """The bundle that is sent back may have any case, too; of two spellings the last one counts."""
    with MockAjera(quirks={"member_case": "any"}) as ajera:
        bundle = ajera.content("GetProjects", {"RequestedProjects": [1]}, version=2)
        row = {"projectkey": 1, "Notes": "first", "NOTES": "last"}
        arguments = {"updatedprojects": [row], "unchangedprojects": lowered(bundle)}
        assert ajera.call("UpdateProjects", arguments, version=2)["Errors"] == []
        assert read_one(ajera, "Projects", 1)["Notes"] == "last"
        assert ajera.call("UpdateProjects", {**arguments, "colour": 1}, version=2)["Errors"]


@pytest.mark.parametrize("value", ["AccountGroups", "GLAccounts"])
def test_account_groups(value):
    """The list has the name that clients read, or the one on the page (claim reference.account-groups-named)."""
    with MockAjera(quirks={"account_groups": value}) as ajera:
        content = ajera.content("ListAccountGroups", {"FilterByStatus": ["Active"]})
        assert list(content) == [value]
        assert content[value][0].keys() == {"AccountGroupKey", "Description", "Status", "Notes"}
        assert "AccountType" in ajera.content("ListGLAccounts")["GLAccounts"][0]


def test_the_documented_profile_lists_account_groups_as_the_page_does():
    with MockAjera(profile="documented") as ajera:
        assert ajera.content("ListAccountGroups").keys() == {"GLAccounts"}
        assert ajera.content("ListProjects").keys() == {"Projects"}


def test_unknown_arguments_refused():
    """The reason names the misspelled filter (claim filter.unknown-arguments-refused)."""
    with MockAjera(quirks={"unknown_arguments": "refuse"}) as ajera:
        assert ajera.call("ListProjects", {"FilterByStats": ["Active"]})["Errors"]
        assert ajera.journal[-1].reasons[0].path == "FilterByStats"
        assert ajera.call("ListProjects", {"FilterByStats": None})["Errors"]
        assert ajera.call("ListProjects", {"FilterByStatus": None})["Errors"] == []


def test_employees_per_get():
    """One key beyond the limit is refused; 0 means no limit (claim employee.fifty-keys)."""
    with MockAjera() as ajera:
        keys = keys_of(ajera, "Employees")
        for limit in (1, 2):
            ajera.set_quirks(employees_per_get=limit)
            assert len(ajera.content("GetEmployees", {"RequestedEmployees": keys[:limit]})["Employees"]) == limit
            refused = ajera.call("GetEmployees", {"RequestedEmployees": keys[: limit + 1]})
            assert (refused["ResponseCode"], refused["Content"]) == (-100, {})
        ajera.set_quirks(employees_per_get=0)
        assert len(ajera.content("GetEmployees", {"RequestedEmployees": keys})["Employees"]) == len(keys)


@pytest.mark.parametrize("version", [1, 2])
def test_projects_per_get(version):
    """One key beyond the limit is refused with no limit on other methods; 0 means none (claim project.keys-per-get)."""
    with MockAjera() as ajera:
        keys = list(range(1, 2001))
        assert ajera.content("GetProjects", {"RequestedProjects": keys[:1999]}, version=version)["Projects"]
        assert ajera.call("GetProjects", {"RequestedProjects": keys}, version=version)["Content"] == {}
        assert [reason.claim for reason in ajera.journal[-1].reasons] == ["project.keys-per-get"]
        assert ajera.content("GetProjectsWithResources", {"RequestedProjects": keys})["Projects"]
        ajera.set_quirks(projects_per_get=0)
        assert ajera.content("GetProjects", {"RequestedProjects": keys}, version=version)["Projects"]


@pytest.mark.parametrize(("value", "printed"), [("zero", 0), ("null", None)])
def test_overhead_rate_table(value, printed):
    """Only Overhead projects and phases print 0; what is printed can be sent back."""
    with MockAjera(quirks={"overhead_rate_table": value}) as ajera:
        (project,) = ajera.content("GetProjects", {"RequestedProjects": [21]})["Projects"]
        phases = project["InvoiceGroups"][0]["Phases"]
        assert {(row["BillingType"], row["RateTableKey"]) for row in (project, *phases)} == {("Overhead", printed)}
        changed = project | {"BillingType": "Nonbillable"}
        (answered,) = update(ajera, "Projects", changed, project)["Content"]["Projects"]
        assert answered["RateTableKey"] is None


@pytest.mark.parametrize(("value", "found"), [("whole_day", True), ("midnight", False)])
def test_bare_upper_date(value, found):
    """A date as the upper bound means its end or its first moment (claim filter.bare-date-upper-bound)."""
    with MockAjera(quirks={"bare_upper_date": value}) as ajera:
        stamp = read_one(ajera, "Clients", 1)["LastModifiedDate"]
        listed = ajera.content("ListClients", {"FilterByLatestModifiedDate": stamp[:10]})["Clients"]
        assert (1 in [row["ClientKey"] for row in listed]) is found


def test_duplicate_project_ids_refused():
    """The ID of another project is refused, in any case (claim project.duplicate-ids-refused)."""
    with MockAjera(quirks={"duplicate_project_ids": "refuse"}) as ajera:
        first, *others = (row for row in read(ajera, "Projects") if row["ID"])
        second = next(row for row in others if row["ID"] != first["ID"])
        assert update(ajera, "Projects", second | {"ID": first["ID"].upper()}, second)["Errors"]
        assert reasons(ajera)[0][0] == "UpdatedProjects[0].ID"


@pytest.mark.parametrize(("value", "refused"), [("refuse", True), ("accept", False)])
def test_content_wrapper(value, refused):
    """The arguments of an Update may or may not be wrapped in a Content object."""
    with MockAjera(quirks={"content_wrapper": value}) as ajera:
        wrapped = {"Content": {"UpdatedClients": [new_client()], "UnchangedClients": []}}
        assert bool(ajera.call("UpdateClients", wrapped)["Errors"]) is refused


@pytest.mark.parametrize(("value", "refused"), [("refuse", True), ("allow", False)])
def test_duplicate_client_names(value, refused):
    with MockAjera(quirks={"duplicate_client_names": value}) as ajera:
        taken = read_one(ajera, "Clients", 1)["Description"]
        assert bool(update(ajera, "Clients", new_client(taken))["Errors"]) is refused


@pytest.mark.parametrize(("value", "refused"), [("refuse", True), ("allow", False)])
def test_duplicate_vendor_names(value, refused):
    """A new vendor may or may not have the Name of another one (claim vendor.duplicate-name-refused)."""
    vendor = {"VendorKey": -1, "LastModifiedDate": "2017-12-06 14:46:06.873 GMT-08:00"}
    with MockAjera(quirks={"duplicate_vendor_names": value}) as ajera:
        taken = ajera.content("ListVendors")["Vendors"][0]["Name"]
        arguments = {"UpdatedVendors": [vendor | {"Name": taken.upper()}], "UnchangedVendors": []}
        assert bool(ajera.call("UpdateVendors", arguments)["Errors"]) is refused


@pytest.mark.parametrize(("value", "refused"), [("refuse", True), ("allow", False)])
@pytest.mark.parametrize("new", [True, False])
def test_duplicate_employee_names(value, refused, new):
    """A new or renamed employee may or may not have another one's names (claim employee.duplicate-name-refused)."""
    with MockAjera(quirks={"duplicate_employee_names": value}) as ajera:
        taken, old = ajera.content("GetEmployees", {"RequestedEmployees": [2, 3]})["Employees"]
        names = {name: taken[name] for name in ("FirstName", "MiddleName", "LastName")}
        key = -1 if new else old["EmployeeKey"]
        sent = (taken | {"PayRates": [], "CreditCards": []} if new else old) | names | {"EmployeeKey": key}
        answer = ajera.call("UpdateEmployees", {"UpdatedEmployees": [sent], "UnchangedEmployees": [old]})
        assert bool(answer["Errors"]) is refused
        reasons = [("UpdatedEmployees[0].FirstName", "employee.duplicate-name-refused")] if refused else []
        assert [(reason.path, reason.claim) for reason in ajera.journal[-1].reasons] == reasons


@pytest.mark.parametrize(("value", "written"), [("allow", [-1, -2]), ("refuse", [-1])])
def test_several_new_contacts(value, written):
    """One call creates every new contact or only the first (claim contact.one-new-per-call)."""
    new = {"LastModifiedDate": "2017-12-06 14:46:06.873 GMT-08:00"}
    sent = [new | {"ContactKey": key, "LastName": f"New {key}"} for key in (-1, -2)]
    with MockAjera(quirks={"several_new_contacts": value}) as ajera:
        (old,) = ajera.content("GetContacts", {"RequestedContacts": [1]})["Contacts"]
        arguments = {"UpdatedContacts": [old | {"Notes": "changed"}, *sent], "UnchangedContacts": [old]}
        answer = ajera.call("UpdateContacts", arguments)
        assert [row.get("OriginalContactKey") for row in answer["Content"]["Contacts"]] == [None, *written]
        refused = [("UpdatedContacts[2].ContactKey", "contact.one-new-per-call")][: 2 - len(written)]
        assert [(reason.path, reason.claim) for reason in ajera.journal[-1].reasons] == refused


def test_vendor_derived_members(ajera):
    """They are ignored or refused; null counts as absent (claims vendor.derived-ignored, vendor.derived-refused)."""
    for value in ("ignore", "refuse"):
        ajera.set_quirks(vendor_derived_members=value)
        (before,) = ajera.content("GetVendors", {"RequestedVendors": [4]})["Vendors"]
        sent = before | {"VendorTypeDescription": f"Other {value}", "Notes": value}
        answer = ajera.call("UpdateVendors", {"UpdatedVendors": [sent], "UnchangedVendors": [before]})
        reasons = [(reason.path, reason.claim) for reason in ajera.journal[-1].reasons]
        (after,) = ajera.content("GetVendors", {"RequestedVendors": [4]})["Vendors"]
        assert after["VendorTypeDescription"] == before["VendorTypeDescription"]
        if value == "ignore":
            assert (answer["Errors"], after["Notes"]) == ([], value)
        else:
            assert ("UpdatedVendors[0].VendorTypeDescription", "vendor.derived-refused") in reasons
            assert after == before
    derived = {"VendorTypeDescription", "VendorTypeNotes", "VendorTypeIsConsultant", "VendorTypeIsCreditCard"}
    derived |= {"DepartmentDescription"}
    assert before["AccountID"] is None
    plain = {name: item for name, item in before.items() if name not in derived} | {"Notes": "plain"}
    answer = ajera.call("UpdateVendors", {"UpdatedVendors": [plain], "UnchangedVendors": [before]})
    assert answer["Errors"] == []


def test_timesheets_per_list():
    """The newest remain, and the journal has a note (claim timesheet.list-cap)."""
    with MockAjera(quirks={"timesheets_per_list": 3}) as ajera:
        answer = ajera.call("ListTimesheets", version=2)
        dates = [row["Timesheet Date"] for row in answer["Content"]["Timesheets"]]
        (note,) = ajera.journal[-1].notes
        assert note.text.startswith("3 of ")
        assert f"note: {note}" in ajera.journal[-1].explain()
        ajera.set_quirks(timesheets_per_list=0)
        every = [row["Timesheet Date"] for row in ajera.content("ListTimesheets", version=2)["Timesheets"]]
        assert (every[:3], len(every) > 3, ajera.journal[-1].notes) == (dates, True, ())


@pytest.mark.parametrize(("value", "printed"), [("sparse", False), ("full", True)])
def test_untouched_timesheets(value, printed):
    """Timesheet 4 is new, 6 is rejected and 3 is submitted (claim timesheet.list-untouched-sparse)."""
    flags = ("Submitted", "Supervisor Approved", "Accounting Approved")
    with MockAjera(quirks={"untouched_timesheets": value}) as ajera:
        rows = {row["Timesheet Key"]: row for row in ajera.content("ListTimesheets", version=2)["Timesheets"]}
        assert [flag in rows[4] for flag in flags] == [printed] * 3
        assert [rows[6][flag] for flag in flags] == [False] * 3
        assert [rows[3][flag] for flag in flags] == [True, False, False]


@pytest.mark.parametrize(("value", "seen"), [(False, {1, 2, 3}), (True, {1, 2, 3, 5, 7})])
def test_multilevel_approval(value, seen):
    """Employee 2 supervises 1 and 3, who supervise 5 and 7 (claim timesheet.multilevel)."""
    with MockAjera(quirks={"multilevel_approval": value}) as ajera:
        users = ajera.tenant.users
        users.put(replace(users[ajera.username], authorizing_employee=2))
        rows = ajera.content("ListTimesheets", version=2)["Timesheets"]
        assert {row["Employee Key"] for row in rows} == seen


def test_authorizing_employee():
    """An API user may need an authorizing employee (claim permission.authorizing-employee-required)."""
    with MockAjera() as ajera:
        ajera.add_user("clerk", "Quiet_Mill9")
        ajera.set_quirks(authorizing_employee="required")
        for change in (
            lambda: ajera.add_user("other", "Quiet_Mill9"),
            lambda: ajera.change_user("clerk", can_read=False),
        ):
            with pytest.raises(ControlError) as refused:
                change()
            assert "permission.authorizing-employee-required" in str(refused.value.reasons)
        ajera.change_user("clerk", authorizing_employee=2)


def post(ajera, method, token, **arguments):
    return ajera.post({"Method": method, "SessionToken": token, "MethodArguments": arguments})["Message"]


def log_in(ajera, **changed):
    """Return the Content of a login; None if it is refused."""
    login = {"Username": ajera.username, "Password": ajera.password, "APIVersion": 1, **changed}
    answer = ajera.post({"Method": "CreateAPISession", **login})
    return answer["Content"] if answer["Errors"] == [] else None


def minutes(number, seconds=0):
    return timedelta(minutes=number, seconds=seconds)


@pytest.mark.parametrize(("value", "said"), [("fixed", "Invalid Session"), ("sliding", "Success")])
def test_session_lifetime(value, said):
    """A session ends an hour after the login, or after its last call (claim session.lifetime-sliding)."""
    with MockAjera(quirks={"session_lifetime": value}, freeze="2026-03-09T12:00:00Z") as ajera:
        token = log_in(ajera)["SessionToken"]
        ajera.clock.advance(minutes(59))
        # A refused call is a call.
        post(ajera, "NoSuchMethod", token)
        ajera.clock.advance(minutes(59))
        assert post(ajera, "ListClients", token) == said
        ajera.clock.advance(minutes(60))
        assert post(ajera, "ListClients", token) == "Invalid Session"


@pytest.mark.parametrize(("value", "open_"), [(0, [True] * 4), (1, [False] * 3 + [True]), (3, [False] + [True] * 3)])
def test_sessions_per_user(value, open_):
    """A further login ends the user's oldest session, of either version (claim session.limit-per-user)."""
    with MockAjera(quirks={"sessions_per_user": value}) as ajera:
        ajera.add_user("other", "Quiet_Mill9")
        other = log_in(ajera, Username="other", Password="Quiet_Mill9")["SessionToken"]
        tokens = [log_in(ajera, APIVersion=1 + number % 2)["SessionToken"] for number in range(4)]
        assert [post(ajera, "ListCompanies", token) == "Success" for token in tokens] == open_
        assert post(ajera, "ListCompanies", other) == "Success"


def test_expired_sessions_do_not_count():
    with MockAjera(quirks={"sessions_per_user": 2}) as ajera:
        first, second = (log_in(ajera)["SessionToken"] for _ in range(2))
        ajera.tenant.sessions.expire([second])
        third = log_in(ajera)["SessionToken"]
        assert [post(ajera, "ListClients", token) for token in (first, third)] == ["Success"] * 2


def test_the_oldest_session_is_known_after_a_restart(tmp_path):
    """The sessions of a file are read in the order of their tokens."""
    file = tmp_path / "firm.db"
    clock = Clock()
    clock.freeze("2026-03-09T12:00:00Z")
    with closing(new_tenant("sample", seed=b"x", store=SqliteStore.open(file), clock=clock)) as tenant:
        tokens = []
        for _ in range(6):
            clock.advance(minutes(1))
            tokens.append(tenant.sessions.open("integrator", 1, 3_600_000).token)
    assert tokens != sorted(tokens)
    with closing(open_tenant(SqliteStore.open(file), seed=b"x")) as tenant:
        tenant.sessions.open("integrator", 1, 3_600_000, at_most=3)
        assert [token in tenant.sessions for token in tokens] == [False] * 4 + [True] * 2


def test_wrong_passwords():
    """After six, logins are refused for ten minutes, and each try starts them again (claim session.lock-out)."""
    with MockAjera(quirks={"wrong_passwords": 6}, freeze="2026-03-09T12:00:00Z") as ajera:
        for _ in range(5):
            assert log_in(ajera, Password="wrong") is None
        assert log_in(ajera) is not None
        for _ in range(6):
            assert log_in(ajera, Password="wrong") is None
            assert ajera.journal[-1].reasons[0].claim == "session.wrong-password"
        for _ in range(2):
            ajera.clock.advance(minutes(9, 59))
            assert log_in(ajera) is None
        reason = ajera.journal[-1].reasons[0]
        assert (reason.rule, reason.claim) == ("locked-out", "session.lock-out")
        ajera.clock.advance(minutes(10))
        assert log_in(ajera) is not None


def test_other_users_and_open_sessions_are_not_locked_out():
    with MockAjera(quirks={"wrong_passwords": 1}) as ajera:
        ajera.add_user("other", "Quiet_Mill9")
        token = ajera.token()
        log_in(ajera, Password="wrong")
        assert log_in(ajera) is None
        assert log_in(ajera, Username="other", Password="Quiet_Mill9") is not None
        assert post(ajera, "ListClients", token) == "Success"
        ajera.reset()
        assert log_in(ajera) is not None


def test_no_number_of_wrong_passwords_locks_out_by_default(ajera):
    for _ in range(20):
        log_in(ajera, Password="wrong")
    assert log_in(ajera) is not None


@pytest.mark.parametrize("value", [0, 5])
def test_permission_minutes(value):
    """A changed check box applies some minutes later, in open sessions too (claim permission.takes-minutes)."""
    with MockAjera(quirks={"permission_minutes": value}, freeze="2026-03-09T12:00:00Z") as ajera:
        token = ajera.token()

        def may():
            return post(ajera, "ListClients", token) == "Success"

        ajera.change_user(ajera.username, cleared=["ListClients"])
        ajera.clock.advance(minutes(value) - minutes(0, 1))
        if value:
            assert may()
        ajera.clock.advance(minutes(0, 1))
        assert not may()
        ajera.change_user(ajera.username, cleared=[])
        assert may() is (value == 0)
        if value:
            (reason,) = ajera.journal[-1].reasons
            assert reason.text.endswith("does not have List Clients under Can Read yet (quirk permission_minutes)")
        ajera.clock.advance(minutes(value))
        assert may()


def test_each_of_several_changes_takes_its_minutes():
    with MockAjera(quirks={"permission_minutes": 5}, freeze="2026-03-09T12:00:00Z") as ajera:
        token, found = ajera.token(), []
        for members in ({"can_read": False}, {"can_read": True}, {}, {}, {}, {}, {}):
            ajera.change_user(ajera.username, **members)
            found.append(post(ajera, "ListClients", token) == "Success")
            ajera.clock.advance(minutes(1))
        assert found == [True] * 5 + [False, True]


def test_access_to_timesheets_takes_its_minutes():
    """A login says what the calls of its session may do."""
    with MockAjera(quirks={"permission_minutes": 5}, freeze="2026-03-09T12:00:00Z") as ajera:
        ajera.change_user(ajera.username, can_read=False)
        assert log_in(ajera)["Timesheets"]["UserHasAccess"] is True
        ajera.clock.advance(minutes(5))
        assert log_in(ajera)["Timesheets"]["UserHasAccess"] is False
