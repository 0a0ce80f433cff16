"""Runnable comparisons: ``python -m benchmarks``. Nothing here is a test; the machine's noise is why costs are ratios."""
