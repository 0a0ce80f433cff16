"""What the forks of ``forks`` find imported, and filled: every command, and the sample firm, which a tenant copies."""

import pkgutil
from importlib import import_module

import mock_ajera.cli
from mock_ajera.sample.templates import new_tenant

for module in pkgutil.iter_modules(mock_ajera.cli.__path__):
    import_module(f"mock_ajera.cli.{module.name}")
new_tenant("sample", seed=b"preloaded").close()
