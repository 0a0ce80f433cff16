"""``python -m mock_ajera``: the same as ``mock-ajera``, for use where that is not on the path."""

from mock_ajera.cli import main

# An engine that starts processes imports this module in each of them.
if __name__ == "__main__":
    main(prog_name="mock-ajera")
