"""Runnable comparisons: ``python -m benchmarks``. No tests: machines are noisy, which is why costs are ratios."""
