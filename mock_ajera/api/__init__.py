"""The Ajera API: requests, methods, records and answers."""
