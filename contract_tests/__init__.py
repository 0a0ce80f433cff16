"""The contract suite: tests that define "like Ajera" and run against mock-ajera and a real endpoint alike.

Run it with ``pytest contract_tests`` in a checkout, or with ``pytest --pyargs mock_ajera_contract`` where the package
is installed. By default the suite starts a mock of its own. ``--target real`` tests the endpoint of AJERA_API_URL,
AJERA_API_USERNAME and AJERA_API_PASSWORD, and only reads from it.
"""
