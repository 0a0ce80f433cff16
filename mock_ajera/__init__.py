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
    from mock_ajera.mock import AjeraServer, CallRefused, MockAjera, ServedTenant
    from mock_ajera.sample.files import BadSample

__all__ = ["AjeraServer", "BadSample", "CallRefused", "MockAjera", "ServedTenant", "__version__", "create_app"]

_HOMES = {"create_app": "mock_ajera.app", "BadSample": "mock_ajera.sample.files"}


def __getattr__(name: str) -> Any:
    """Import a public name on first use: pytest loads the plugin, and with it this module, in every run."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "mock_ajera.mock")), name)
