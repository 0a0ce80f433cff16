"""A fault of a served tenant, as a test uses it."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from mock_ajera.api.faults.checking import check, check_calls, rule_of
from mock_ajera.tenants.faults import Place
from mock_ajera.tenants.tenant import Tenant

_PACKAGE = Path(__file__).parent


class FaultNeverFired(UserWarning):
    """A fault of the fixture ``ajera`` that no call of the test met. The text has its rule and the number of calls."""


class ServedFault:
    """A fault, which ends with ``remove`` or with the block of a ``with`` statement."""

    def __init__(self, tenant: Tenant, rule: Mapping[str, Any], run: Callable[[], object] | None = None) -> None:
        """Add a fault to a tenant. ``run``: a function to call instead. Raises ``ValueError``."""
        checked = rule_of(rule)
        if run is None:
            check(checked, tenant)
        else:
            check_calls(checked, tenant)
        self._tenant = tenant
        self._fault = tenant.faults.add(checked, None if run is None else lambda _: run(), place_of_test())

    @property
    def name(self) -> str:
        """The name of the fault, which the journal has for each call that met it."""
        return self._fault.name

    @property
    def calls(self) -> int:
        """How many calls of its method, user, version and record there were."""
        return self._fault.calls

    @property
    def fired(self) -> int:
        """How many of these calls went wrong."""
        return self._fault.fired

    def remove(self) -> None:
        """End the fault. What waits for it goes on at once."""
        self._tenant.faults.remove(self._fault)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.remove()
        if kind is None:
            assert self.fired, self._fault.never


def warn_of_unused(tenant: Tenant) -> None:
    """Warn of each fault that a test added and that never fired, at the line that added it."""
    for fault in tenant.faults:
        if fault.place is not None and fault.never and fault.rule.probability is None:
            warnings.warn_explicit(fault.never, FaultNeverFired, *fault.place)


def place_of_test() -> Place | None:
    """Return the line that adds a fault; None if it is one of mock-ajera, such as that of a trial."""
    for frame, line in traceback.walk_stack(None):
        file = Path(frame.f_code.co_filename)
        if file.parent != _PACKAGE:
            return None if _PACKAGE in file.parents else (str(file), line)
    return None
