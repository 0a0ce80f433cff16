"""``mock-ajera completion``, and the completions themselves. click generates the shell scripts."""

from __future__ import annotations

from collections.abc import Iterable

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class, get_completion_class

from mock_ajera.api.families import METHODS
from mock_ajera.api.sessions import METHODS as SESSION_METHODS
from mock_ajera.cli.output import fail
from mock_ajera.settings import Setting
from mock_ajera.tenants.quirks import QUIRKS

PROGRAM, VARIABLE = "mock-ajera", "_MOCK_AJERA_COMPLETE"
Items = list[CompletionItem[str]]


class _Bash(BashComplete):
    """Complete ``NAME=VALUE`` in bash, which splits it into three words and completes the last one."""

    _done = ""
    """The part of the word before the one that bash completes: up to the last equals sign."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the incomplete one, and the incomplete one, joined at equals signs."""
        before, incomplete = super().get_completion_args()
        words: list[str] = []
        joined = False
        for word in [*before, incomplete]:
            if words and (word == "=" or joined):
                words[-1] += word
            else:
                words.append(word)
            joined = word == "="
        *args, incomplete = words
        self._done = incomplete[: incomplete.rfind("=") + 1].removeprefix(self._option(incomplete))
        return args, incomplete

    def format_completion(self, item: CompletionItem[str]) -> str:
        """Return the part of the value that replaces the word that bash completes."""
        if item.type == "plain" and item.value.startswith(self._done):
            return f"plain,{item.value[len(self._done) :]}"
        return super().format_completion(item)

    @staticmethod
    def _option(word: str) -> str:
        """Return the option of a word ``--option=value``, which click removes."""
        return word[: word.index("=") + 1] if word.startswith("--") and "=" in word else ""


add_completion_class(_Bash)


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script for a shell.

    It completes commands, options, methods and quirks.

    \b
    bash   eval "$(mock-ajera completion bash)"     in ~/.bashrc
    zsh    eval "$(mock-ajera completion zsh)"      in ~/.zshrc, after compinit
    fish   mock-ajera completion fish > ~/.config/fish/completions/mock-ajera.fish
    """  # noqa: D301 - click does not rewrap the lines after this character
    script = get_completion_class(shell)
    if script is None:
        fail(f"the installed version of click does not support {shell}")
    # Write bytes: Windows line endings break the script.
    click.echo(script(context.find_root().command, {}, PROGRAM, VARIABLE).source().encode(), nl=False)


def served_methods(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete methods that can be called, in any case."""
    helps = {name: f"{description}; needs no permission" for name, description in SESSION_METHODS.items()}
    for method in METHODS.served.values():
        versions = " and ".join(map(str, method.known))
        helps[method.name] = f"version {versions}, Can {method.access.capitalize()}"
    return [CompletionItem(name, help=helps[name]) for name in _starting_with(helps, incomplete)]


def methods_with_a_box(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete methods that have a check box on an API user."""
    return [CompletionItem(name) for name in _starting_with(METHODS, incomplete)]


def quirks(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete NAME=VALUE for all quirks; for a number, with its values in the profiles."""
    pairs: dict[str, str] = {}
    for quirk in QUIRKS.values():
        values = quirk.choices or dict.fromkeys((quirk.observed, quirk.documented))
        pairs |= {f"{quirk.name}={str(value).lower()}": quirk.says for value in values}
    return [CompletionItem(pair, help=pairs[pair]) for pair in _starting_with(pairs, incomplete)]


def paths(kind: str, incomplete: str) -> Items:
    """Let the shell complete a path; ``kind`` is ``file`` or ``dir``."""
    return [CompletionItem(incomplete, type=kind)]


def of_setting(setting: Setting, context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete the value of a setting, where it has known values."""
    if setting.choices:
        return [CompletionItem(choice) for choice in _starting_with(setting.choices, incomplete)]
    if setting.name == "quirk":
        return quirks(context, parameter, incomplete)
    kind = {"DIR|N": "dir", "FILE": "file"}.get(setting.metavar or "")
    return paths(kind, incomplete) if kind else []


def _starting_with(names: Iterable[str], incomplete: str) -> list[str]:
    """Return the names that start with a text, sorted and without duplicates."""
    return sorted({name for name in names if name.casefold().startswith(incomplete.casefold())})
