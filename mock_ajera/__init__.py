"""mock-ajera: an offline twin of the Deltek Ajera API.

>>> from mock_ajera import MockAjera
>>> with MockAjera() as ajera:
...     ajera.call("ListCompanies")["Message"]
'Success'
"""

from mock_ajera.app import create_app
from mock_ajera.mock import AjeraServer, CallRefused, MockAjera, ServedTenant
from mock_ajera.version import __version__

__all__ = ["AjeraServer", "CallRefused", "MockAjera", "ServedTenant", "__version__", "create_app"]
