"""Rules of the Update methods of version 1, as data, and the tests that send them over the wire.

``limits.py`` makes the rules of a single member (length, decimals, values of a choice, flags, days, references, null,
presence) from ``contract_tests/members.csv``. One file for each family, such as ``projects.toml``, lists what is not a
limit of one member; its rules of custom fields are those of every family. All are written from the printed pages and
from clients of the real service, never from the server.

Vendor invoices and timesheets, which version 2 alone has, have no such file: ``cases.py`` makes the rules that their
tests send.

A rule changes one value of a valid request, the *base*. With the value of ``accept`` the request is written and a Get
shows the value of ``reads``; with the value of ``refuse`` nothing is written. One row of a TOML file::

    [[table]]
    kind = "role-delete"
    base = "update"
    says = "Delete inside a role removes the person."
    grade = "documented"
    source = "Ajera API, Projects page (version 1)"
    reads = "@null"
    rows = [
      { record = ["project", "phase"], member = "ProjectManager", before = { EmployeeKey = "@employee manager" },
        accept = { Delete = true } },
    ]

It is two rules, one for projects and one for phases. Each stores a record with an active project manager, reads it,
sends an update in which ProjectManager is ``{"Delete": true}``, and expects the next Get to show null.

A row inherits the members of its table, and stands for every pair of its ``record`` and ``member``:

========  ==========================================================================================================
record    project, invoice group, phase, project contact, phase contact, client, client contact, contact, employee,
          first pay rate, pay rate (the second), employee contact, credit card, vendor, vendor contact, expense report,
          expense, attachment (of the expense; update only), or request
member    the member's path inside the record; for ``request``, a path inside MethodArguments
kind      what the rule is about; ``case`` tells rules of one record, member and kind apart
base      the valid request: create, update, delete, delete used, create two, update with new; default: the first two
with      other members of the record to send in both requests
before    the member's stored value; ``stored``: stored values of other members (update only)
accept    the nearest valid value; ``reads``: what a Get then shows (default: the same)
refuse    the invalid value; ``at``: the paths that the journal may name (default: that of the member);
          ``message``: the ErrorMessage, where it is known
edits     more values for the refused request, by path in MethodArguments
shown     the profile in which a Get shows the member; default: both
says, grade, source   the rule as a sentence, and its evidence
========  ==========================================================================================================

Values that begin with @ are made for each request.

To send:

======================  ============================================================================================
@text N, @wide N        a text of N characters of one byte, or of several bytes each
@number X               the number X, written exactly so
@contacts N             N contact lines
@key K, @other K        the key of the first or of the second record of kind K; @unknown: a key that no record has
@employee T             the key of an employee with a trait: manager, principal, marketing, plain, inactive-manager ...
@elsewhere M            the key M of a row inside another project
@choice, @choice whole  the second value of the drop-down custom field, alone or as the object that a Get shows
@custom K               as a member: the name of the custom field of kind K
@stamp F                the stamp that was read, in form F: as-read, without-name, without-colon, other-zone
@unique, @taken         a description that no record has, or that another record has
@twice                  the list at that path, with its first item twice
@baseline               the unchanged copy of the request
@remove, @null          no member, or null
======================  ============================================================================================

To expect:

======================  ============================================================================================
@before, @kept          what was stored before; what the request's unchanged copy shows, apart from stamps
@description K          the description of the first record of kind K
@name T                 the name of an employee or contact with a trait
@not X, @none           anything but X; null, "" or Null
@unstated               anything
======================  ============================================================================================
"""
