"""Storage for a tenant's records. A store holds rows and texts and is independent of Ajera."""

from mock_ajera.store.protocol import Row, Store, StoreBusy, StoreClosed, StoreError, StoreFailed, StoreUnreadable
from mock_ajera.store.sqlite import SqliteStore

__all__ = ["Row", "SqliteStore", "Store", "StoreBusy", "StoreClosed", "StoreError", "StoreFailed", "StoreUnreadable"]
