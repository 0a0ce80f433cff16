"""The ledger: what it refuses, and that code, suite and ledger agree on the ids."""

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
    """Every string of a module with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def named_by(folder: Path) -> dict[str, str]:
    """Ids that the modules of a folder name, as strings or as claim ``theme.slug`` in prose, with a place of each."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        for line, text in texts(path):
            quoted = [text] if ID.fullmatch(text) else re.findall(rf"claim ``({ID.pattern})``", text)
            found |= dict.fromkeys(quoted, f"{path.relative_to(folder.parent)}:{line}")
    # File names such as client.toml and client.py look alike.
    return {name: place for name, place in found.items() if not name.endswith((".toml", ".py", ".json", ".csv"))}


def claims_of_tests() -> set[str]:
    """Ids that the suite's tests name in their marker."""
    found: set[str] = set()
    for path in SUITE.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for mark in node.decorator_list:
                    if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "claim":
                        found |= {each.value for each in mark.args if isinstance(each, ast.Constant)}
    return found


def test_the_ledger_is_read_with_all_its_files():
    """Every theme has claims, each with a sentence and a source."""
    claims = ledger()
    assert {claim.theme for claim in claims.values()} == themes()
    assert all(claim.says.rstrip('"').endswith(".") and claim.source for claim in claims.values())


def test_the_ledger_cannot_be_changed():
    """The mapping is for reading."""
    with pytest.raises(TypeError):
        ledger()["list.order"] = None


def test_a_good_entry_is_read():
    """An entry becomes a claim of its grade, no variant unless it says so."""
    claim = read_claims([("list.toml", GOOD)])["list.order"]
    assert (claim.grade, claim.variant, claim.theme) == (Grade.INFERRED, False, "list")


def test_a_variant_is_read():
    """A variant is one by its own member."""
    assert read_claims([("list.toml", GOOD + "variant = true\n")])["list.order"].variant


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (GOOD + GOOD, "list.toml: entry 2: the id list.order occurs twice"),
        (GOOD.replace("inferred", "guessed"), "unknown grade 'guessed'"),
        (GOOD.replace("list.order", "List order"), "the id is not"),
        (GOOD.replace("list.order", "page.order"), "the id belongs to another file"),
        (GOOD.replace('source = "mock-ajera"\n', ""), "source is missing"),
        (GOOD.replace("Lists ascend.", " "), "says is missing"),
        (GOOD + 'note = "x"\n', "unknown member note"),
        (GOOD + 'variant = "yes"\n', "variant is neither"),
        ("[claims]\n", "only [[claim]] entries"),
        ("[[claim\n", "list.toml: "),
    ],
)
def test_a_bad_entry_is_refused(text, complaint):
    """The complaint names the file and what is wrong with the entry."""
    with pytest.raises(LedgerError, match=re.escape(complaint)) as error:
        read_claims([("list.toml", text)])
    assert "list.toml" in str(error.value)


def test_two_files_do_not_share_an_id():
    """A repeated id is refused across files too."""
    with pytest.raises(LedgerError, match="occurs twice"):
        read_claims([("list.toml", GOOD), ("list.toml", GOOD)])


def test_every_claim_that_the_server_names_exists():
    """No code rests on a claim that is not in the ledger."""
    unknown = {name: place for name, place in named_by(SERVER).items() if name not in ledger()}
    assert not unknown


def test_every_claim_that_the_suite_names_exists():
    """No test checks a claim that is not in the ledger."""
    assert claims_of_tests() <= ledger().keys()


def test_every_known_claim_has_a_test():
    """Documented and observed claims are checked by the suite, but for those of some endpoints only."""
    due = {claim.id for claim in ledger().values() if is_due(claim)}
    assert sorted(due - claims_of_tests()) == []


def test_every_choice_of_the_server_is_used():
    """An inferred claim is named by the server or checked by the suite, or it is not one."""
    inferred = {claim.id for claim in ledger().values() if claim.grade is Grade.INFERRED and not claim.variant}
    assert sorted(inferred - claims_of_tests() - named_by(SERVER).keys()) == []
