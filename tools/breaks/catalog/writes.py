"""Writes of version 1 that do something else than they answer."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from unittest.mock import patch

from mock_ajera.tenants import stamps
from tools.breaks.exchange import (
    KEYS,
    Envelope,
    Exchange,
    Row,
    Wrong,
    add,
    all_rows,
    broken,
    failed,
    rows_of,
    succeed,
    unchanged,
    updated,
)

Part = Callable[[Row, str], bool]


def deletes(row: Row, key: str) -> bool:
    """Return whether a record is to be deleted. ``key`` is its key member, as in the tests of the other parts."""
    return row.get("Delete") is True and key in row


def creates(row: Row, key: str) -> bool:
    """Return whether a record is new."""
    return isinstance(row.get(key), int) and row[key] < 0


def changes(row: Row, key: str) -> bool:
    """Return whether a record is to be changed."""
    return not deletes(row, key) and not creates(row, key)


PARTS: dict[str, Part] = {"creations": creates, "changes": changes, "deletions": deletes}


def half_a_transaction(noun: str, part: Part) -> Wrong:
    """Return a break that writes a part of a single transaction that is refused."""

    def wrong(exchange: Exchange) -> Envelope:
        answer = exchange.send()
        rows = [row for row in updated(exchange, noun) if part(row, KEYS[noun])]
        if rows and failed(answer) and exchange.arguments.get("UseSingleTransaction") is True:
            arguments = exchange.arguments | {f"Updated{noun}": rows, "UseSingleTransaction": False}
            exchange.call(exchange.method, arguments)
        return answer

    return wrong


def not_kept(noun: str, part: Part) -> Wrong:
    """Return a break that answers as if it had written, and puts back what was there."""

    def wrong(exchange: Exchange) -> Envelope:
        rows = updated(exchange, noun)
        if not rows or not all(part(row, KEYS[noun]) for row in rows):
            return exchange.send()
        exchange.mock.snapshot("before a lost write")
        answer = exchange.send()
        exchange.mock.restore("before a lost write")
        return answer

    return wrong


def stale_taken(noun: str, part: Part) -> Wrong:
    """Return a break that writes a record whatever its stamp and its baseline are."""

    def wrong(exchange: Exchange) -> Envelope:
        answer = exchange.send()
        rows = [row for row in updated(exchange, noun) if part(row, KEYS[noun])]
        if not failed(answer) or len(rows) != 1 or not unchanged(exchange, noun):
            return answer
        stored = exchange.stored(noun, rows[0].get(KEYS[noun]))
        if stored is None:
            return answer
        fresh = rows[0] | {"LastModifiedDate": stored["LastModifiedDate"]}
        arguments = exchange.arguments | {f"Updated{noun}": [fresh], f"Unchanged{noun}": [stored]}
        return exchange.call(exchange.method, arguments)

    return wrong


def no_baseline_needed(noun: str) -> Wrong:
    """Return a break that changes a record without a baseline."""

    def wrong(exchange: Exchange) -> Envelope:
        answer = exchange.send()
        rows = [row for row in updated(exchange, noun) if not creates(row, KEYS[noun])]
        if not failed(answer) or not rows or unchanged(exchange, noun):
            return answer
        stored = [exchange.stored(noun, row.get(KEYS[noun])) for row in rows]
        return exchange.call(exchange.method, exchange.arguments | {f"Unchanged{noun}": [row for row in stored if row]})

    return wrong


def unknown_member_taken(noun: str) -> Wrong:
    """Return a break that drops unknown members of a record."""

    def wrong(exchange: Exchange) -> Envelope:
        if updated(exchange, noun):
            known: set[str] = set(rows_of(exchange.call(f"Get{noun}", {f"Requested{noun}": [1]}), noun)[0])
            for row in updated(exchange, noun):
                for name in [name for name in row if name not in known | {"Delete"} and not name.startswith("CF_")]:
                    del row[name]
        return exchange.send()

    return wrong


def no_change_taken(noun: str) -> Wrong:
    """Return a break that answers a record without a change as if it were changed."""

    def wrong(exchange: Exchange) -> Envelope:
        answer = exchange.send()
        rows = updated(exchange, noun)
        if rows and "No valid changes to this object exist." in str(answer.get("Errors")):
            stored = [exchange.stored(noun, row.get(KEYS[noun])) for row in rows]
            return succeed(answer, {f"NumberOf{noun}Updated": len(rows), noun: stored})
        return answer

    return wrong


def sixth_contact_taken(noun: str) -> Wrong:
    """Return a break that takes any number of contact lines."""

    def wrong(exchange: Exchange) -> Envelope:
        for row in updated(exchange, noun):
            if isinstance(row.get("Contacts"), list):
                row["Contacts"] = row["Contacts"][:5]
        return exchange.send()

    return wrong


_FAMILY = {"Projects": "projects v1"}
for _noun in KEYS:
    _family = _FAMILY.get(_noun, _noun.lower())
    for _words, _part in PARTS.items():
        add(
            _family,
            f"{_noun.lower()}-transaction-keeps-{_words}",
            f"A refused single transaction of {_noun.lower()} writes its {_words}",
            half_a_transaction(_noun, _part),
            "transactions",
        )
        add(
            _family,
            f"{_noun.lower()}-{_words}-not-kept",
            f"Update{_noun} answers {_words} that it does not keep",
            not_kept(_noun, _part),
            "projects_delete" if _noun == "Projects" else f"{_noun.lower()}_write",
            "transactions",
        )
    add(
        _family,
        f"stale-{_noun.lower()}-change-taken",
        f"Update{_noun} takes a change with a stale stamp and baseline",
        stale_taken(_noun, changes),
        "transactions",
    )
    add(
        _family,
        f"stale-{_noun.lower()}-deletion-taken",
        f"Update{_noun} takes a deletion with a stale stamp and baseline",
        stale_taken(_noun, deletes),
        "transactions",
    )
    add(
        _family,
        f"{_noun.lower()}-without-baseline-taken",
        f"Update{_noun} needs no baseline",
        no_baseline_needed(_noun),
        "transactions",
    )
    add(
        _family,
        f"unknown-member-of-{_noun.lower()}-taken",
        f"Update{_noun} drops unknown members of a record",
        unknown_member_taken(_noun),
        "transactions",
    )
    add(
        _family,
        f"{_noun.lower()}-without-a-change-taken",
        f"Update{_noun} takes a record without a change",
        no_change_taken(_noun),
        "conflicts" if _noun == "Projects" else f"{_noun.lower()}_write",
    )
for _noun in ("Clients", "Vendors", "Employees"):
    add(
        _noun.lower(),
        f"sixth-contact-of-{_noun.lower()}-taken",
        f"Update{_noun} takes a sixth contact line",
        sixth_contact_taken(_noun),
        f"{_noun.lower()}_write",
    )


@broken("envelope", "clients_write", "projects_delete")
def count_of_one(exchange: Exchange) -> Envelope:
    """NumberOf...Updated is 1 whatever the call wrote."""
    answer = exchange.send()
    content: Row = answer.get("Content") or {}
    for name in content:
        if name.startswith("NumberOf"):
            content[name] = min(content[name], 1)
    return answer


@broken("envelope", "projects_create")
def no_original_key(exchange: Exchange) -> Envelope:
    """Created records do not repeat the key that was sent."""
    answer = exchange.send()
    for row in all_rows(answer.get("Content")):
        for name in [name for name in row if name.startswith("Original")]:
            del row[name]
    return answer


def _in_milliseconds(utc_ms: Any) -> int:
    return int(utc_ms) + (int(utc_ms) % 10 in (0, 3, 7))


add(
    "values",
    "stamps-not-rounded",
    "Stamps of writes are not rounded as SQL Server rounds them",
    Exchange.send,
    "values",
    inside=lambda: patch.object(stamps, "sql_round", _in_milliseconds),
)


@broken("values", "conflicts")
def stamp_does_not_move(exchange: Exchange) -> Envelope:
    """A change of a client leaves its stamp."""
    frozen = exchange.memory
    stamps_of = {row.get("ClientKey"): row.get("LastModifiedDate") for row in unchanged(exchange, "Clients")}
    answer = exchange.send()
    if exchange.method == "UpdateClients":
        for row in rows_of(answer, "Clients"):
            if row.get("ClientKey") in stamps_of:
                frozen[row["ClientKey"]] = stamps_of[row["ClientKey"]]
    for row in rows_of(answer, "Clients"):
        if row.get("ClientKey") in frozen and "LastModifiedDate" in row:
            row["LastModifiedDate"] = frozen[row["ClientKey"]]
    return answer


@broken("clients", "clients_write")
def amounts_cut_instead_of_rounded(exchange: Exchange) -> Envelope:
    """Decimals beyond the column of a client are cut off."""
    for row in updated(exchange, "Clients"):
        for name, places in (("AnnualPercentageRate", 4), ("PrePaymentBeginningBalance", 2)):
            value = row.get(name)
            if isinstance(value, Decimal):
                row[name] = value - value % Decimal(10) ** -places
    return exchange.send()


@broken("contacts", "contacts_write")
def contact_in_use_is_deleted(exchange: Exchange) -> Envelope:
    """A contact of a client is deleted, as far as the answer says."""
    answer, rows = exchange.send(), updated(exchange, "Contacts")
    if len(rows) == 1 and deletes(rows[0], "ContactKey") and failed(answer):
        stored = exchange.stored("Contacts", rows[0]["ContactKey"])
        if stored and stored["ContactClientKey"]:
            gone = [{"ContactKey": rows[0]["ContactKey"], "Deleted": True}]
            return succeed(answer, {"NumberOfContactsUpdated": 1, "Contacts": gone})
    return answer


@broken("employees", "pay_rates_write")
def absent_pay_rates_are_dropped(exchange: Exchange) -> Envelope:
    """A pay rate that is left out beside another one is not shown any more."""
    answer = exchange.send()
    dropped = exchange.memory.setdefault("dropped", set())
    for row in updated(exchange, "Employees"):
        rates, key = row.get("PayRates"), row.get("EmployeeKey")
        if rates and isinstance(key, int) and key > 0 and not failed(answer):
            stored = exchange.stored("Employees", key) or {"PayRates": []}
            kept = {rate.get("StartDate") for rate in rates}
            dropped.update(rate["PayRateKey"] for rate in stored["PayRates"] if rate["StartDate"] not in kept)
    for row in rows_of(answer, "Employees"):
        if "PayRates" in row:
            row["PayRates"] = [rate for rate in row["PayRates"] if rate["PayRateKey"] not in dropped]
    return answer
