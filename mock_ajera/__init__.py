"""mock-ajera: an offline twin of the Deltek Ajera API.

>>> from mock_ajera import MockAjera
>>> with MockAjera() as ajera:
...     ajera.call("ListCompanies")["Message"]
'Success'
"""

from mock_ajera.app import create_app
from mock_ajera.mock import MockAjera

__version__ = "0.1.0"

__all__ = ["MockAjera", "__version__", "create_app"]
