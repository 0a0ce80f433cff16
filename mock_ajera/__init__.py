"""mock-ajera: an offline twin of the Deltek Ajera API.

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
    from mock_ajera.mock import AjeraServer, CallRefused, MockAjera, ServedTenant

__all__ = ["AjeraServer", "CallRefused", "MockAjera", "ServedTenant", "__version__", "create_app"]


def __getattr__(name: str) -> Any:
    """The public names, imported when they are asked for: pytest loads the plugin, and this, in every run."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("mock_ajera.app" if name == "create_app" else "mock_ajera.mock"), name)
