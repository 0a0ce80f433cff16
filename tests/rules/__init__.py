"""The table of update rules, written from the printed pages, and the tests that drive it over the wire."""
