"""mock-ajera: an offline mock of the Deltek Ajera API.

>>> from mock_ajera import MockAjera
>>> with MockAjera() as ajera:
...     ajera.call("ListCompanies")["Message"]
'Success'
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mock_ajera.version import __version__

if TYPE_CHECKING:
    from mock_ajera.app import create_app
    from mock_ajera.claims import Claim, Grade
    from mock_ajera.control.access import Exposure
    from mock_ajera.control.action import ControlError
    from mock_ajera.control.control import Control
    from mock_ajera.control.users import UserInfo
    from mock_ajera.cors import Cors
    from mock_ajera.mock import AjeraServer, MockAjera
    from mock_ajera.sample.files import BadSample
    from mock_ajera.served_fault import FaultNeverFired, ServedFault
    from mock_ajera.served_tenant import CallRefused, ServedTenant
    from mock_ajera.tenants.clock import Clock
    from mock_ajera.tenants.directory import Directory
    from mock_ajera.tenants.journal import Entry, Journal, Reason, Reliance
    from mock_ajera.tenants.tenant import Tenant

_HOMES = {
    "AjeraServer": "mock",
    "BadSample": "sample.files",
    "CallRefused": "served_tenant",
    "Claim": "claims",
    "Clock": "tenants.clock",
    "Control": "control.control",
    "Cors": "cors",
    "ControlError": "control.action",
    "Directory": "tenants.directory",
    "Entry": "tenants.entry",
    "Exposure": "control.access",
    "FaultNeverFired": "served_fault",
    "Grade": "claims",
    "Journal": "tenants.journal",
    "MockAjera": "mock",
    "Reason": "tenants.entry",
    "Reliance": "tenants.journal",
    "ServedFault": "served_fault",
    "ServedTenant": "served_tenant",
    "Tenant": "tenants.tenant",
    "UserInfo": "control.users",
    "create_app": "app",
}
"""Modules of the public names."""

__all__ = [  # type checkers need the names themselves
    "AjeraServer",
    "BadSample",
    "CallRefused",
    "Claim",
    "Clock",
    "Control",
    "ControlError",
    "Cors",
    "Directory",
    "Entry",
    "Exposure",
    "FaultNeverFired",
    "Grade",
    "Journal",
    "MockAjera",
    "Reason",
    "Reliance",
    "ServedFault",
    "ServedTenant",
    "Tenant",
    "UserInfo",
    "__version__",
    "create_app",
]


def __getattr__(name: str) -> Any:
    """Import a public name on first use: pytest loads the plugin, and with it this module, in every run."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"mock_ajera.{_HOMES[name]}"), name)
