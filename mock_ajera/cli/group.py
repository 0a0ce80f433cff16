"""A group of commands that suggests names for a misspelled one and prints its help in full."""

from __future__ import annotations

import click

from mock_ajera.spelling import suggestion


class Group(click.Group):
    """A group of commands."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments name. Fails with similar names if there is none."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            ctx.fail(f"No such command {args[0]!r}{suggestion(args[0], self.list_commands(ctx)) or '.'}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the first sentence of each command's help. click would cut it to fit on one line."""
        rows = []
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            assert command is not None
            rows.append((name, (command.help or "").partition("\n\n")[0].replace("\n", " ").strip()))
        with formatter.section("Commands"):
            formatter.write_dl(rows)
