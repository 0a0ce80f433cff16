"""Quirks: named differences between documentation and observation, or between databases.

A quirk has a name, possible values, a description and a claim. Two profiles bundle values: ``observed`` (the default,
what clients observe) and ``documented`` (what the official pages print). One place in the server reads a quirk.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from mock_ajera.spelling import suggestion

_LARGEST = 1_000_000_000
"""Maximum of a numeric quirk. In minutes, it is nearly two thousand years."""


class Quirk(msgspec.Struct, frozen=True):
    """One difference. ``choices`` are the possible values; None means a whole number from 0."""

    name: str
    choices: tuple[str, ...] | tuple[bool, ...] | None
    observed: Any
    documented: Any
    says: str
    claim: str

    def check(self, value: Any) -> Any:
        """Return the value, which may be text. Raises ``ValueError`` for one that is not possible."""
        if self.choices is None:
            if isinstance(value, str) and value.isdecimal() and len(value) <= len(str(_LARGEST)):
                value = int(value)
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST:
                raise ValueError(f"quirk {self.name}: a whole number from 0 to {_LARGEST} is expected, found {value!r}")
            return value
        spelt = {str(choice).casefold(): choice for choice in self.choices}
        try:
            return spelt[str(value).casefold()]
        except KeyError:
            raise ValueError(f"quirk {self.name}: {value!r} is not one of {', '.join(spelt)}") from None


class Quirks(Mapping[str, Quirk]):
    """All quirks by name."""

    def __init__(self, *quirks: Quirk) -> None:
        self._quirks = {quirk.name: quirk for quirk in quirks}
        if len(self._quirks) != len(quirks):
            raise ValueError("two quirks have the same name")

    def __getitem__(self, name: str) -> Quirk:
        return self._quirks[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._quirks)

    def __len__(self) -> int:
        return len(self._quirks)

    def checked(self, name: str, value: Any) -> Any:
        """Return the checked value of a quirk. Raises ``ValueError`` for an unknown name or value."""
        return self[self.spelt(name)].check(value)

    def spelt(self, name: str) -> str:
        """Return the declared name; dashes may replace underscores. Raises ``ValueError`` for an unknown name."""
        known = name.replace("-", "_")
        if known not in self:
            hint = suggestion(known, self) or f"; the quirks are {', '.join(sorted(self))}"
            raise ValueError(f"there is no quirk {name!r}{hint}")
        return known


QUIRKS = Quirks(
    Quirk(
        "success_code",
        ("200", "zero", "docs"),
        "200",
        "docs",
        "ResponseCode of a success: 200; zero: 0 except for CreateAPISession; docs: 0 for the session methods only.",
        "envelope.success-code",
    ),
    Quirk(
        "generic_error_item",
        (True, False),
        False,
        False,
        "Whether Errors has a generic item after the specific one.",
        "errors.generic-item",
    ),
    Quirk(
        "harmless_error_item",
        (True, False),
        False,
        False,
        "Whether Errors of a success has an item with the ErrorID 0.",
        "envelope.harmless-error-item",
    ),
    Quirk(
        "refused_content",
        ("object", "null", "absent"),
        "object",
        "object",
        "Content of a refusal: an empty object, null, or left out.",
        "envelope.failure-content-object",
    ),
    Quirk(
        "unknown_method",
        ("refuse", "empty"),
        "refuse",
        "refuse",
        "Whether a method that does not exist is refused, or answered with an empty success.",
        "errors.unknown-method-empty",
    ),
    Quirk(
        "guessed_methods",
        ("refuse", "serve"),
        "refuse",
        "refuse",
        "Methods that are known only by their names on the API permission screen.",
        "permission.guessed-methods",
    ),
    Quirk(
        "version_2_lists",
        ("serve", "refuse"),
        "serve",
        "serve",
        "Lists of clients, contacts, vendors and tables in a version 2 session, which is undocumented.",
        "reference.version-1-only",
    ),
    Quirk(
        "version_2_untried",
        ("refuse", "serve"),
        "refuse",
        "refuse",
        "Other methods of version 1 in a version 2 session, which nobody has tried.",
        "session.untried-method-refused",
    ),
    Quirk(
        "unknown_arguments",
        ("ignore", "refuse"),
        "ignore",
        "ignore",
        "Unknown arguments of a List or Get method, such as a misspelled filter.",
        "filter.unknown-arguments-ignored",
    ),
    Quirk(
        "member_case",
        ("exact", "any"),
        "exact",
        "exact",
        "Member names in a request: only in their exact letter case, or in any, as Json.NET binds them.",
        "reading.exact-member-names",
    ),
    Quirk(
        "project_status_filter",
        ("listed", "active"),
        "listed",
        "listed",
        "Several statuses in FilterByStatus of ListProjects: the projects of each, or only active ones.",
        "filter.every-listed-status",
    ),
    Quirk(
        "unknown_members",
        ("refuse", "ignore"),
        "refuse",
        "refuse",
        "Unknown members of a record in an Update.",
        "write.unknown-members-refused",
    ),
    Quirk(
        "content_wrapper",
        ("refuse", "accept"),
        "refuse",
        "accept",
        "Whether the arguments of an Update may be wrapped in a Content object, as in the pages' samples.",
        "write.content-wrapper",
    ),
    Quirk(
        "members",
        ("observed", "documented", "all"),
        "observed",
        "documented",
        "Members in a response: those clients read (some depend on the billing type), the documented ones, or both.",
        "project.members-by-billing-type",
    ),
    Quirk(
        "overhead_rate_table",
        ("zero", "null"),
        "zero",
        "null",
        "RateTableKey of an Overhead project or phase without a rate table: 0 or null.",
        "project.overhead-rate-table-zero",
    ),
    Quirk(
        "project_totals",
        ("object", "list"),
        "object",
        "list",
        "Content of GetProjectTotals: an object ProjectTotals, or a list Projects as on the page.",
        "project.totals-content",
    ),
    Quirk(
        "account_groups",
        ("AccountGroups", "GLAccounts"),
        "AccountGroups",
        "GLAccounts",
        "Name of the list in Content of ListAccountGroups: AccountGroups, or GLAccounts as on the page.",
        "reference.account-groups-named",
    ),
    Quirk(
        "employees_per_get",
        None,
        50,
        0,
        "Maximum number of keys in GetEmployees; 0 means no limit.",
        "employee.fifty-keys",
    ),
    Quirk(
        "rows_per_write",
        None,
        10_000,
        10_000,
        "Maximum number of records and nested rows in the arguments of a method that writes; 0 means no limit.",
        "write.rows-bounded",
    ),
    Quirk(
        "projects_per_get",
        None,
        1999,
        0,
        "Maximum number of keys in GetProjects; 0 means no limit.",
        "project.keys-per-get",
    ),
    Quirk(
        "session_minutes",
        None,
        60,
        60,
        "Minutes until a session expires after the login.",
        "session.lifetime",
    ),
    Quirk(
        "session_lifetime",
        ("fixed", "sliding"),
        "fixed",
        "fixed",
        "Whether session_minutes count from the login, or from the last call of the session.",
        "session.lifetime-fixed",
    ),
    Quirk(
        "sessions_per_user",
        None,
        0,
        0,
        "Maximum number of open sessions of a user: a further login ends the oldest one; 0 means no limit.",
        "session.earlier-token-stays",
    ),
    Quirk(
        "wrong_passwords",
        None,
        0,
        0,
        "Wrong passwords after which a user's logins are refused for ten minutes, from the last try; 0 means never.",
        "session.no-lock-out",
    ),
    Quirk(
        "bare_upper_date",
        ("whole_day", "midnight"),
        "whole_day",
        "whole_day",
        "A date without a time as an upper bound: the end of that day, or its first moment.",
        "filter.bare-date-upper-bound",
    ),
    Quirk(
        "duplicate_client_names",
        ("refuse", "allow"),
        "refuse",
        "refuse",
        "Clients with the same Description.",
        "client.description-unique",
    ),
    Quirk(
        "duplicate_vendor_names",
        ("refuse", "allow"),
        "refuse",
        "refuse",
        "Vendors with the same Name.",
        "vendor.duplicate-name-refused",
    ),
    Quirk(
        "duplicate_employee_names",
        ("refuse", "allow"),
        "refuse",
        "refuse",
        "Employees with the same three names.",
        "employee.duplicate-name-refused",
    ),
    Quirk(
        "duplicate_project_ids",
        ("allow", "refuse"),
        "allow",
        "allow",
        "Projects with the same ID.",
        "project.duplicate-ids",
    ),
    Quirk(
        "wrong_create_shape",
        ("skeleton", "refuse"),
        "skeleton",
        "skeleton",
        "CreateProjects with arguments of the wrong shape: a success that creates nothing, or a refusal.",
        "project.v2-wrong-shape",
    ),
    Quirk(
        "vendor_derived_members",
        ("ignore", "refuse"),
        "ignore",
        "ignore",
        "Members of a vendor that are derived from others, such as VendorTypeDescription, in UpdateVendors.",
        "vendor.derived-ignored",
    ),
    Quirk(
        "several_new_contacts",
        ("allow", "refuse"),
        "allow",
        "allow",
        "More than one new contact in one UpdateContacts call.",
        "contact.one-new-per-call",
    ),
    Quirk(
        "timesheets_per_list",
        None,
        500,
        500,
        "Maximum number of timesheets in ListTimesheets, which returns the newest ones; 0 means no limit.",
        "timesheet.list-cap",
    ),
    Quirk(
        "untouched_timesheets",
        ("sparse", "full"),
        "sparse",
        "full",
        "Approval flags of a timesheet that nobody has acted on, in ListTimesheets: left out, or false.",
        "timesheet.list-untouched-sparse",
    ),
    Quirk(
        "multilevel_approval",
        (True, False),
        False,
        False,
        "Whether supervisors see the timesheets of employees who report to them indirectly.",
        "timesheet.multilevel",
    ),
    Quirk(
        "authorizing_employee",
        ("optional", "required"),
        "optional",
        "optional",
        "Whether a new or changed API user must have an authorizing employee.",
        "permission.authorizing-employee-optional",
    ),
    Quirk(
        "permission_minutes",
        None,
        0,
        0,
        "Minutes until a changed check box of a user applies.",
        "permission.takes-minutes",
    ),
    Quirk(
        "vary_guesses",
        (True, False),
        False,
        False,
        "Change unverified texts, ErrorIDs, list order and some defaults, to expose clients that depend on them.",
        "errors.texts-ours",
    ),
)


def profile_values(profile: str) -> dict[str, Any]:
    """Return the value of each quirk in a profile. Raises ``ValueError`` for an unknown profile."""
    if profile not in ("observed", "documented"):
        raise ValueError(f"there is no profile {profile!r}; the profiles are observed and documented")
    return {quirk.name: getattr(quirk, profile) for quirk in QUIRKS.values()}


class Layers(msgspec.Struct, frozen=True):
    """The quirks of a tenant by origin. This is the one place that defines which origin wins: the later field."""

    profile: Mapping[str, Any] = {}
    """Values of the profile, or whatever else applies to every tenant of a server."""
    firm: Mapping[str, Any] = {}
    """Values in the firm's own file (``Tenant.own_quirks``)."""
    asked: Mapping[str, Any] = {}
    """Values that were asked for by name."""

    def merged(self) -> dict[str, Any]:
        """Return one value for each quirk that any origin sets."""
        return {**self.profile, **self.firm, **self.asked}
