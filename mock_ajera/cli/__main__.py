"""``python -m mock_ajera.cli``, where the program is not on the path. It is ``mock-ajera`` in every way."""

from mock_ajera.cli import main

# An engine that starts processes imports this module in each of them.
if __name__ == "__main__":
    main(prog_name="mock-ajera")
