"""Tenants: records, API users, sessions, snapshots, clock, time zone, stamps, quirks and journal."""
