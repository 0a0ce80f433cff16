"""A long attack on a server: bad requests, kills in the middle of writes, races, and a soak.

It runs for minutes to hours, outside ``make test``::

    python -m tools.campaign requests --number 1000000
    python -m tools.campaign kills --rounds 1000
    python -m tools.campaign races --updates 10000
    python -m tools.campaign meetings --seeds 1000
    python -m tools.campaign soak --minutes 30

Each command prints its figures and what it found, and exits with 1 if it found anything. A seed repeats a run.
"""
