"""Tools for developers of mock-ajera. They are not part of the package."""
