"""Permissions that are not looked at, or at the wrong time."""

from __future__ import annotations

from tools.breaks.exchange import Envelope, Exchange, broken, failed, refuse


def cleared(answer: Envelope) -> bool:
    """Return whether a method was refused because of a permission."""
    return str(answer.get("Message")).startswith("Unauthorized method: ")


@broken("permission", "permissions")
def permission_box_ignored(exchange: Exchange) -> Envelope:
    """A method without permission is served."""
    answer = exchange.send()
    other = exchange.token(other_than=exchange.user)
    return exchange.call(exchange.method, exchange.arguments, token=other) if cleared(answer) and other else answer


@broken("permission", "permissions")
def permission_refuses_with_another_text(exchange: Exchange) -> Envelope:
    """A method without permission is refused with a text of its own."""
    answer = exchange.send()
    named = exchange.user == "limited"
    return refuse(answer, "You have no permission for this method.") if named and cleared(answer) else answer


@broken("permission", "permissions")
def arguments_checked_before_the_permission(exchange: Exchange) -> Envelope:
    """The arguments of a method without permission are checked first."""
    answer = exchange.send()
    other = exchange.token(other_than=exchange.user)
    if cleared(answer) and other:
        served = exchange.call(exchange.method, exchange.arguments, token=other)
        return served if failed(served) else answer
    return answer


@broken("permission", "permissions")
def one_box_for_a_kind(exchange: Exchange) -> Envelope:
    """A user without permission for GetVendors lacks ListVendorTypes too."""
    answer = exchange.send()
    if exchange.method == "ListVendorTypes" and exchange.user == "limited":
        return refuse(answer, "Unauthorized method: ListVendorTypes")
    return answer


@broken("permission", "permissions")
def arguments_checked_before_the_version(exchange: Exchange) -> Envelope:
    """The arguments of a method of another version are checked first."""
    answer = exchange.send()
    wrong = any(value is not None and not isinstance(value, list) for value in exchange.arguments.values())
    if "is supported with api version" in str(answer.get("Message")) and wrong:
        return refuse(answer, "One or more properties contain invalid data")
    return answer


def served_by_another(exchange: Exchange, *lacks: str) -> Envelope:
    """Return what a user with every permission is answered, if a user who lacks something is refused."""
    answer = exchange.send()
    other = exchange.token(other_than=exchange.user)
    if exchange.user in lacks and cleared(answer) and other:
        return exchange.call(exchange.method, exchange.arguments, token=other)
    return answer


@broken("permission", "permissions")
def can_read_not_looked_at(exchange: Exchange) -> Envelope:
    """A user without Can Read reads."""
    return served_by_another(exchange, "lacks can_read")


@broken("permission", "permissions")
def can_write_not_looked_at(exchange: Exchange) -> Envelope:
    """A user without Can Write writes."""
    return served_by_another(exchange, "lacks can_write")


@broken("permission", "permissions")
def account_groups_without_an_employee(exchange: Exchange) -> Envelope:
    """A user without an authorizing employee is served account groups."""
    return served_by_another(exchange, "lacks employee") if exchange.method == "ListAccountGroups" else exchange.send()


@broken("permission", "permissions")
def permission_to_write_ignored(exchange: Exchange) -> Envelope:
    """A user without permission for UpdateClients creates clients."""
    return served_by_another(exchange, "limited") if exchange.method == "UpdateClients" else exchange.send()
