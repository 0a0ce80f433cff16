"""``mock-ajera completion``, and what a shell is told when TAB is pressed. The shells' side is click's."""

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
    """Bash takes ``NAME=VALUE`` for three words and completes the last: they are put together, and taken apart."""

    _done = ""
    """What of the word stands behind bash's back: up to its last equals sign."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one to complete, and what there is of it."""
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
        """The part of a value that bash does not have yet."""
        if item.type == "plain" and item.value.startswith(self._done):
            return f"plain,{item.value[len(self._done) :]}"
        return super().format_completion(item)

    @staticmethod
    def _option(word: str) -> str:
        """The option in front of its value, where both are one word; click takes it off."""
        return word[: word.index("=") + 1] if word.startswith("--") and "=" in word else ""


add_completion_class(_Bash)


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that makes SHELL complete mock-ajera's commands, options, methods and quirks.

    \b
    bash   eval "$(mock-ajera completion bash)"     in ~/.bashrc
    zsh    eval "$(mock-ajera completion zsh)"      in ~/.zshrc, behind compinit
    fish   mock-ajera completion fish > ~/.config/fish/completions/mock-ajera.fish
    """  # noqa: D301 - click keeps lines behind this sign as they are
    script = get_completion_class(shell)
    if script is None:
        fail(f"this click does not know {shell}")
    # Bytes, because a script with the line ends of Windows is none.
    click.echo(script(context.find_root().command, {}, PROGRAM, VARIABLE).source().encode(), nl=False)


def served_methods(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """The methods that can be called, however they are capitalised so far."""
    helps = {name: f"{what}; needs no permission" for name, what in SESSION_METHODS.items()}
    for method in METHODS.served.values():
        versions = " and ".join(map(str, method.operations))
        helps[method.name] = f"version {versions}, Can {method.access.capitalize()}"
    return [CompletionItem(name, help=helps[name]) for name in _beginning(helps, incomplete)]


def methods_with_a_box(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """The methods that an API user can be denied."""
    return [CompletionItem(name) for name in _beginning(METHODS, incomplete)]


def quirks(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """NAME=VALUE of all quirks, and for a number its values in the profiles."""
    pairs: dict[str, str] = {}
    for quirk in QUIRKS.values():
        values = quirk.choices or dict.fromkeys((quirk.observed, quirk.documented))
        pairs |= {f"{quirk.name}={str(value).lower()}": quirk.says for value in values}
    return [CompletionItem(pair, help=pairs[pair]) for pair in _beginning(pairs, incomplete)]


def paths(kind: str, incomplete: str) -> Items:
    """What makes the shell itself complete a path; ``kind`` is ``file`` or ``dir``."""
    return [CompletionItem(incomplete, type=kind)]


def of_setting(setting: Setting, context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """The values of a setting, as far as they are known."""
    if setting.choices:
        return [CompletionItem(choice) for choice in _beginning(setting.choices, incomplete)]
    if setting.name == "quirk":
        return quirks(context, parameter, incomplete)
    kind = {"DIR|N": "dir", "FILE": "file"}.get(setting.metavar or "")
    return paths(kind, incomplete) if kind else []


def _beginning(names: Iterable[str], incomplete: str) -> list[str]:
    """The names that begin so, in order, each once."""
    return sorted({name for name in names if name.casefold().startswith(incomplete.casefold())})
