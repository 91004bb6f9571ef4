"""The maps of the product name what is there: each room its modules, and three pages the rooms and files."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PRODUCT = ROOT / "menpai"
DJANGO = {"migrations", "locale", "static", "templates"}
DISCOVERED = {"vendors", "providers", "common"}  # one file a vendor, or data: nothing to explain
PACKAGES = [
    folder.parent for folder in sorted(PRODUCT.rglob("__init__.py")) if folder.parent.name not in DJANGO | DISCOVERED
]

pytestmark = pytest.mark.once("reads the code")


def modules(package: Path) -> set[str]:
    """The modules and packages in a folder, private ones and Django's folders excepted."""
    names = {path.stem for path in package.glob("*.py")}
    names |= {path.parent.name for path in package.glob("*/__init__.py")} - DJANGO
    return {name for name in names if name == "__main__" or not name.startswith("_")}


def named(lines: list[str]) -> list[str]:
    """The names in the first column of some lines: words, or folders with a slash, up to two spaces."""
    columns = [match[1] for line in lines if (match := re.match(r"((?:\w+/?(?:, | )?)+?)(?:  |$)", line))]
    return [name.rstrip("/") for column in columns for name in re.findall(r"\w+/?", column)]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_rooms_docstring_names_its_modules(package: Path) -> None:
    text = ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8"))) or ""
    mapped = [line for line in text.splitlines() if re.match(r"[\w/ ]+?  +\S", line)]
    assert sorted(named(mapped)) == sorted(modules(package))


def test_contributing_names_the_rooms_and_files() -> None:
    tree = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("```\nmenpai/\n")[1].split("\ntests/")[0]
    mapped = [line[2:] for line in tree.splitlines() if re.match(r"  \w", line)]
    assert sorted(named(mapped)) == sorted(modules(PRODUCT))


def test_architecture_names_the_rooms_and_files() -> None:
    layers = (ROOT / "docs/architecture.md").read_text(encoding="utf-8").split("```")[1]
    entries = [re.sub(r"\(.*?\)", "", line[15:]) for line in layers.splitlines() if "│" not in line]
    names = [name.strip() for entry in entries for name in entry.split("·") if name.strip()]
    assert sorted(names) == sorted(modules(PRODUCT))
