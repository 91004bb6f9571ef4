"""The structure keeps within the goals that it has reached: `make structure` prints them all."""

import ast
import re
from pathlib import Path

import pytest

import menpai
from tests import structure

pytestmark = pytest.mark.once("reads the code")
NOT_YET: set[str] = set()  # a goal that is reached is taken out


@pytest.fixture(scope="module")
def figures() -> dict[str, structure.Figure]:
    return {figure.name: figure for figure in structure.figures()}


def test_a_goal_that_is_reached_is_kept(figures: dict[str, structure.Figure]) -> None:
    assert [figure for name, figure in figures.items() if name not in NOT_YET and not figure.is_met] == []


def test_there_is_no_import_cycle_even_through_a_function(figures: dict[str, structure.Figure]) -> None:
    assert figures["import cycles, Python"].details == []
    assert structure.python_cycle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})


def test_a_docstring_begins_with_one_short_line_and_no_riddle() -> None:
    """CONTRIBUTING.md "Words"."""
    wrong = [
        f"{path}: {text.splitlines()[0]}"
        for path in sorted(Path(menpai.__path__[0]).rglob("*.py"))
        if path.parent.name != "migrations"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (text := ast.get_docstring(node))
        if len(text.splitlines()[0]) > 100 or re.search(r"(?:^|[.!?] )(?:Whoever|What|Whether)\b", text)
    ]
    assert wrong == []


def test_the_product_has_at_most_40_names_at_its_top() -> None:
    assert len(structure.names()) <= 40, structure.names()


def test_imports_in_functions_and_the_length_of_functions_are_counted() -> None:
    tree = ast.parse(
        "import os\ndef outer():\n    import sys\n    def inner():\n        import re\n        return re\n"
    )
    assert structure.local_imports(tree) == 2
    assert structure.function_lengths(tree) == [5, 3]
