"""Sessions, envelopes, paging and Get methods that work differently."""

from __future__ import annotations

from tools.breaks.exchange import Envelope, Exchange, broken, failed, refuse, rows_of, succeed, unchanged, updated


@broken("sessions", "sessions")
def session_survives_its_end(exchange: Exchange) -> Envelope:
    """EndAPISession ends no session."""
    if exchange.method != "EndAPISession":
        return exchange.send()
    answer = exchange.call("ListCompanies", {})
    return exchange.send() if failed(answer) else succeed(answer, {"message": "Session ended."})


@broken("sessions", "sessions")
def one_token_for_all_sessions(exchange: Exchange) -> Envelope:
    """Every login returns the token of the first session of its version."""
    if exchange.method == "CreateAPISession":
        answer = exchange.send()
        for token, (version, user) in exchange.sessions.items():
            if (version, user) == (exchange.request.get("APIVersion"), exchange.request.get("Username")):
                return (
                    answer | {"Content": answer["Content"] | {"SessionToken": token}} if not failed(answer) else answer
                )
        return answer
    return exchange.send()


@broken("sessions", "sessions", "permissions")
def version_of_the_session_is_ignored(exchange: Exchange) -> Envelope:
    """A version 2 session serves the methods of version 1 too."""
    answer = exchange.send()
    if exchange.version == 2 and "supported with api version 1" in str(answer.get("Message")):
        other = exchange.token(version=1)
        return exchange.call(exchange.method, exchange.arguments, token=other) if other else answer
    return answer


@broken("sessions", "sessions")
def unknown_version_is_taken(exchange: Exchange) -> Envelope:
    """A login with an unknown version opens a session of version 1."""
    if exchange.method == "CreateAPISession" and exchange.request.get("APIVersion") not in (1, 2):
        exchange.request["APIVersion"] = 1
    return exchange.send()


@broken("sessions", "sessions")
def login_without_its_numbers(exchange: Exchange) -> Envelope:
    """The login does not return AJVersion and CompanyKey of the session, only the token."""
    answer = exchange.send()
    if exchange.method == "CreateAPISession" and not failed(answer):
        answer["Content"] = {"SessionToken": answer["Content"]["SessionToken"]}
    return answer


@broken("envelope", "envelope")
def envelope_in_another_order(exchange: Exchange) -> Envelope:
    """The members of the envelope are in alphabetical order."""
    return dict(sorted(exchange.send().items()))


@broken("envelope", "envelope")
def failures_in_another_order(exchange: Exchange) -> Envelope:
    """The members of a refusal's envelope are in alphabetical order."""
    answer = exchange.send()
    return dict(sorted(answer.items())) if failed(answer) else answer


@broken("envelope", "envelope")
def code_as_text(exchange: Exchange) -> Envelope:
    """ResponseCode is a text."""
    answer = exchange.send()
    return answer | {"ResponseCode": str(answer["ResponseCode"])}


@broken("envelope", "envelope")
def one_usage_key(exchange: Exchange) -> Envelope:
    """UsageKey never changes."""
    return exchange.send() | {"UsageKey": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"}


@broken("envelope", "envelope")
def generic_error_first(exchange: Exchange) -> Envelope:
    """The generic error precedes the specific one."""
    answer = exchange.send()
    generic = {"ErrorID": -100, "ErrorMessage": "An error has occurred."}
    return answer | {"Errors": [generic, *answer["Errors"]]} if failed(answer) else answer


@broken("envelope", "envelope")
def refusal_with_data(exchange: Exchange) -> Envelope:
    """A refusal of too many keys contains the first fifty records."""
    answer = exchange.send()
    keys = exchange.arguments.get("RequestedEmployees")
    if exchange.method == "GetEmployees" and failed(answer) and isinstance(keys, list):
        answer["Content"] = exchange.call("GetEmployees", {"RequestedEmployees": keys[:50]})["Content"]
    return answer


@broken("envelope", "endpoint")
def refusal_with_http_400(exchange: Exchange) -> Envelope:
    """Refusals have the HTTP status 400."""
    answer = exchange.send()
    return answer | {"HTTP": 400} if failed(answer) else answer


def fault(answer: Envelope) -> Envelope:
    """Return the answer of a server that failed inside."""
    return refuse(answer, "An error has occurred.", -100) | {"ResponseCode": -100}


@broken("envelope", "conflicts", "projects_create")
def fault_for_refused_projects(exchange: Exchange) -> Envelope:
    """The server fails inside where UpdateProjects is refused."""
    answer = exchange.send()
    return fault(answer) if exchange.method == "UpdateProjects" and failed(answer) else answer


@broken("envelope", "clients_write")
def fault_for_refused_clients(exchange: Exchange) -> Envelope:
    """The server fails inside where UpdateClients is refused."""
    answer = exchange.send()
    return fault(answer) if exchange.method == "UpdateClients" and failed(answer) else answer


@broken("envelope", "conflicts")
def fault_without_a_baseline(exchange: Exchange) -> Envelope:
    """The server fails inside if a changed project has no baseline."""
    answer = exchange.send()
    known = any(row.get("ProjectKey", 0) > 0 for row in updated(exchange, "Projects"))
    return fault(answer) if known and not unchanged(exchange, "Projects") and failed(answer) else answer


@broken("envelope", "paging")
def fault_for_refused_pages(exchange: Exchange) -> Envelope:
    """The server fails inside where a page is refused."""
    answer = exchange.send()
    return fault(answer) if exchange.request.get("PageResults") and failed(answer) else answer


@broken("envelope", "sessions")
def fault_for_an_unknown_token(exchange: Exchange) -> Envelope:
    """The server fails inside if the token is unknown."""
    answer = exchange.send()
    return fault(answer) if exchange.version == 0 and exchange.method.startswith("List") and failed(answer) else answer


@broken("envelope", "timesheets_write", "timesheets")
def fault_for_refused_timesheets(exchange: Exchange) -> Envelope:
    """The server fails inside where a timesheet or a list of timesheets is refused."""
    answer = exchange.send()
    return fault(answer) if "Timesheet" in exchange.method and exchange.version == 2 and failed(answer) else answer


@broken("envelope", "vendor_invoices_create", "vendor_invoices")
def fault_for_refused_invoices(exchange: Exchange) -> Envelope:
    """The server fails inside where vendor invoices are refused."""
    answer = exchange.send()
    return fault(answer) if "VendorInvoices" in exchange.method and exchange.version == 2 and failed(answer) else answer


PAGING = ("PageSize", "PageNumber", "PageCount")


@broken("paging", "paging")
def paging_inside_content(exchange: Exchange) -> Envelope:
    """The number of the page is inside Content."""
    answer = exchange.send()
    if "PageCount" in answer:
        answer["Content"] |= {name: answer.pop(name) for name in PAGING}
    return answer


@broken("paging", "paging")
def paging_read_from_the_arguments(exchange: Exchange) -> Envelope:
    """Paging is read from MethodArguments too."""
    found = {name: exchange.arguments[name] for name in ("PageResults", *PAGING[:2]) if name in exchange.arguments}
    return exchange.send(**found)


@broken("paging", "paging")
def page_count_of_the_page(exchange: Exchange) -> Envelope:
    """PageCount is one too high if the last page is full."""
    answer = exchange.send()
    noun = exchange.method.removeprefix("List")
    if answer.get("PageCount") and len(rows_of(answer, noun)) == answer["PageSize"]:
        answer["PageCount"] += 1
    return answer


@broken("paging", "paging")
def pages_overlap(exchange: Exchange) -> Envelope:
    """Each page begins with the last record of the page before."""
    answer, noun = exchange.send(), exchange.method.removeprefix("List")
    number = exchange.request.get("PageNumber")
    if exchange.request.get("PageResults") and isinstance(number, int) and number > 1 and rows_of(answer, noun):
        before = rows_of(exchange.send(PageNumber=number - 1), noun)
        answer["Content"][noun] = [before[-1], *rows_of(answer, noun)[:-1]]
    return answer


@broken("paging", "paging")
def default_page_of_twenty(exchange: Exchange) -> Envelope:
    """The default page has twenty records."""
    if exchange.request.get("PageResults") is True and "PageSize" not in exchange.request:
        exchange.request["PageSize"] = 20
    return exchange.send()


@broken("employees", "gets")
def fifty_one_employees_are_served(exchange: Exchange) -> Envelope:
    """GetEmployees takes any number of keys."""
    keys = exchange.arguments.get("RequestedEmployees")
    if exchange.method == "GetEmployees" and isinstance(keys, list) and len(keys) > 50:
        return exchange.send(MethodArguments={"RequestedEmployees": keys[:50]})
    return exchange.send()


@broken("gets", "gets")
def gets_in_the_order_of_keys(exchange: Exchange) -> Envelope:
    """GetClients returns records in the order of their keys."""
    answer = exchange.send()
    if exchange.method == "GetClients" and rows_of(answer, "Clients"):
        answer["Content"]["Clients"].sort(key=lambda row: row["ClientKey"])
    return answer


@broken("gets", "gets")
def duplicate_keys_twice(exchange: Exchange) -> Envelope:
    """GetVendors returns a record for each time that its key is requested."""
    answer = exchange.send()
    keys = exchange.arguments.get("RequestedVendors")
    if exchange.method == "GetVendors" and isinstance(keys, list) and not failed(answer):
        rows = {row["VendorKey"]: row for row in rows_of(answer, "Vendors")}
        answer["Content"]["Vendors"] = [rows[key] for key in keys if isinstance(key, int) and key in rows]
    return answer


@broken("lists", "lists")
def list_out_of_order(exchange: Exchange) -> Envelope:
    """ListDepartments returns its rows in the opposite order."""
    answer = exchange.send()
    if exchange.method == "ListDepartments" and rows_of(answer, "Departments"):
        answer["Content"]["Departments"].reverse()
    return answer


@broken("lists", "lists", "filters")
def inactive_rows_are_left_out(exchange: Exchange) -> Envelope:
    """ListProjectTypes without a filter returns the active rows only."""
    if exchange.method == "ListProjectTypes" and "FilterByStatus" not in exchange.arguments:
        exchange.request["MethodArguments"] = exchange.arguments | {"FilterByStatus": ["Active"]}
    return exchange.send()


@broken("reading", "reading_dialect")
def argument_names_in_any_case(exchange: Exchange) -> Envelope:
    """Names of arguments are read in any case."""
    known = {"filterbystatus": "FilterByStatus", "requestedclients": "RequestedClients"}
    return exchange.send(
        MethodArguments={known.get(name.lower(), name): value for name, value in exchange.arguments.items()}
        if exchange.arguments
        else exchange.request.get("MethodArguments", {})
    )
