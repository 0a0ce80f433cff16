"""What a tenant is made of: clock, zone, stamps, quirks, users, journal and the records themselves."""
