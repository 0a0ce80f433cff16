"""The control surface: what a tester may do and a user of Ajera may not.

Each action is declared once, as a typed function in a module of its noun; HTTP (``http``), the OpenAPI document
(``openapi``) and the command line come from the declaration.
"""

from mock_ajera.control import claims, clock, journal, quirks, records, server, sessions, snapshots, tenants, users
from mock_ajera.control.action import ACTIONS

__all__ = ["ACTIONS"]

_MODULES = (server, tenants, snapshots, users, sessions, clock, quirks, records, journal, claims)
