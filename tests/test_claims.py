"""The ledger is valid, and code, suite and ledger agree on the claim ids."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import contract_tests
import mock_ajera
from contract_tests.evidence import is_due
from mock_ajera.claims import Grade, LedgerError, ledger, read_claims, themes

SERVER = Path(mock_ajera.__file__).parent
SUITE = Path(contract_tests.__file__).parent

ID = re.compile(rf"(?:{'|'.join(sorted(themes()))})\.[a-z0-9]+(?:-[a-z0-9]+)*")

GOOD = '[[claim]]\nid = "list.order"\nsays = "Lists ascend."\ngrade = "inferred"\nsource = "mock-ajera"\n'


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield every string of a module with its line number."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def ids_in(folder: Path) -> dict[str, str]:
    """Return the claim ids in a folder's modules, as strings or as claim ``theme.slug`` in prose, with a location."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        for line, text in texts(path):
            quoted = [text] if ID.fullmatch(text) else re.findall(rf"claim ``({ID.pattern})``", text)
            found |= dict.fromkeys(quoted, f"{path.relative_to(folder.parent)}:{line}")
    # File names such as client.toml and client.py look like ids.
    return {name: place for name, place in found.items() if not name.endswith((".toml", ".py", ".json", ".csv"))}


def marked_ids() -> set[str]:
    """Return the ids in the claim markers of the suite."""
    found: set[str] = set()
    for path in SUITE.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for mark in node.decorator_list:
                    if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "claim":
                        found |= {each.value for each in mark.args if isinstance(each, ast.Constant)}
    return found


def test_every_theme_has_claims():
    """Each claim has a sentence and a source."""
    claims = ledger()
    assert {claim.theme for claim in claims.values()} == themes()
    assert all(claim.says.rstrip('"').endswith(".") and claim.source for claim in claims.values())


def test_the_ledger_is_read_only():
    with pytest.raises(TypeError):
        ledger()["list.order"] = None


def test_a_valid_entry_becomes_a_claim():
    """A claim is not a variant by default."""
    claim = read_claims([("list.toml", GOOD)])["list.order"]
    assert (claim.grade, claim.variant, claim.theme) == (Grade.INFERRED, False, "list")


def test_a_variant_is_read():
    assert read_claims([("list.toml", GOOD + "variant = true\n")])["list.order"].variant


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD + GOOD, "list.toml: entry 2: the id list.order occurs twice"),
        (GOOD.replace("inferred", "guessed"), "unknown grade 'guessed'"),
        (GOOD.replace("list.order", "List order"), "the id must be"),
        (GOOD.replace("list.order", "page.order"), "the id belongs in another file"),
        (GOOD.replace('source = "mock-ajera"\n', ""), "source is missing"),
        (GOOD.replace("Lists ascend.", " "), "says is missing"),
        (GOOD + 'note = "x"\n', "unknown member note"),
        (GOOD + 'variant = "yes"\n', "variant must be"),
        (GOOD + 'untraced = " "\n', "untraced must be a text"),
        (GOOD + "instead = 1\n", "instead must be a text"),
        ("[claims]\n", "only [[claim]] entries"),
        ("[[claim\n", "list.toml: "),
    ],
)
def test_a_malformed_entry_is_refused(text, message):
    """The message names the file and the error."""
    with pytest.raises(LedgerError, match=re.escape(message)) as error:
        read_claims([("list.toml", text)])
    assert "list.toml" in str(error.value)


def test_two_files_cannot_share_an_id():
    with pytest.raises(LedgerError, match="occurs twice"):
        read_claims([("list.toml", GOOD), ("list.toml", GOOD)])


def test_every_claim_in_the_server_exists():
    unknown = {name: place for name, place in ids_in(SERVER).items() if name not in ledger()}
    assert not unknown, (
        "Add these claims to the file of their theme in mock_ajera/claims, "
        f"see docs/contributing.md#add-a-claim: {unknown}"
    )


def test_every_claim_in_the_suite_exists():
    assert marked_ids() <= ledger().keys()


def test_every_known_claim_has_a_test():
    """The suite checks all documented and observed claims except variants."""
    due = {claim.id for claim in ledger().values() if is_due(claim)}
    owed = sorted(due - marked_ids())
    assert not owed, (
        "Write a contract test with @pytest.mark.claim for each of these, or add the id to the marker of a test that "
        f"checks it already, see docs/contributing.md#add-a-claim: {owed}"
    )


def traced_ids() -> set[str]:
    """Return the ids that the server can report: strings of its code, without docstrings and the table of quirks."""
    found: set[str] = set()
    for path in SERVER.rglob("*.py"):
        if path.name != "quirks.py" or path.parent.name != "tenants":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in prose)
            found |= {node.value for node in texts if isinstance(node.value, str)}
    return found


def test_a_variant_that_the_server_lacks_says_so():
    """Only a variant can be lacking, and no code names it."""
    lacking = {claim.id: claim for claim in ledger().values() if claim.instead}
    assert all(claim.variant for claim in lacking.values())
    assert not lacking.keys() & traced_ids()


def test_every_inferred_claim_can_be_reported():
    """Otherwise an answer could rest on a guess that neither a header nor the report of a run names."""
    traced = traced_ids()
    inferred = [claim for claim in ledger().values() if claim.grade is Grade.INFERRED]
    owed = sorted(claim.id for claim in inferred if claim.id not in traced and not claim.untraced)
    assert not owed, (
        "Name each of these claims in the line that decides it (a declaration, a reason, relies_on), or give it "
        f"`untraced` with the reason why no line can; see docs/contributing.md#add-a-claim: {owed}"
    )
    assert not sorted(claim.id for claim in ledger().values() if claim.untraced and claim.id in traced)
