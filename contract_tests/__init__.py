"""The contract suite: what "like Ajera" means, test by test, against mock-ajera and against a real endpoint alike.

Run it with ``pytest contract_tests``, or ``pytest -p contract_tests.plugin --pyargs contract_tests`` where only the
package is installed. Without options it starts a mock of its own; ``--target real`` takes the endpoint that
AJERA_API_URL, AJERA_API_USERNAME and AJERA_API_PASSWORD name, and reads only.
"""
