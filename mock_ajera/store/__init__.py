"""Where the records of a tenant live. The store knows rows and texts, and nothing of Ajera."""

from mock_ajera.store.protocol import Row, Store, StoreBusy, StoreClosed, StoreError, StoreUnreadable
from mock_ajera.store.sqlite import SqliteStore

__all__ = ["Row", "SqliteStore", "Store", "StoreBusy", "StoreClosed", "StoreError", "StoreUnreadable"]
