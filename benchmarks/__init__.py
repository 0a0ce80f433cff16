"""Benchmarks: ``python -m benchmarks``. They are not tests; costs are ratios because machines are noisy."""
