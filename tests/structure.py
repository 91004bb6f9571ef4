"""`make structure`: the figures of the product's structure, each with its goal."""

import ast
import statistics
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp

from tests import web_imports

ROOT = Path(__file__).parents[1]
PRODUCT = ROOT / "menpai"
FAN_OUT = 12


@dataclass(frozen=True)
class Figure:
    """A number that shall not exceed its goal; `details` name the places that count most. `goal` None: shown only."""

    name: str
    value: float
    goal: float | None
    details: Sequence[str] = ()

    @property
    def is_met(self) -> bool:
        return self.goal is None or self.value <= self.goal


def figures() -> list[Figure]:
    """All figures of the code in this checkout."""
    sources = [path for path in sorted(PRODUCT.rglob("*.py")) if path.parent.name != "migrations"]
    texts = {path: path.read_text(encoding="utf-8") for path in sources}
    lines = {path: text.count("\n") for path, text in texts.items()}
    trees = {path: ast.parse(text) for path, text in texts.items()}
    tests = sum(path.read_text(encoding="utf-8").count("\n") for path in (ROOT / "tests").rglob("*.py"))
    functions = [length for tree in trees.values() for length in function_lengths(tree)]
    inside = [f"{path.relative_to(ROOT)}: {count}" for path, tree in trees.items() if (count := local_imports(tree))]
    return [
        Figure("names in menpai/", len(names()), 40),
        Figure("layers", len(layers()), 24),
        *_import_figures(),
        Figure("lines a file, median", statistics.median(lines.values()), 100),
        Figure("lines a file, p90", _p90([*lines.values()]), 250),
        Figure("lines a function, p90", _p90(functions), 25),
        Figure("imports in functions", sum(map(local_imports, trees.values())), None, inside),
        Figure("test lines a product line", round(tests / sum(lines.values()), 2), 1.5),
    ]


def names() -> list[str]:
    """The names directly in menpai/, files and folders."""
    return sorted(path.name for path in PRODUCT.iterdir() if path.name != "__pycache__")


def layers() -> list[str]:
    """The layers of the product as its import rules declare them, the outermost first."""
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    found: list[str] = next(rule["layers"] for rule in rules if rule.get("containers") == ["menpai"])
    return found


def function_lengths(tree: ast.Module) -> list[int]:
    """The lines of every function, its docstring included and its decorators not."""
    return [(node.end_lineno or node.lineno) - node.lineno + 1 for node in _functions(tree)]


def local_imports(tree: ast.Module) -> int:
    """How many import statements stand inside functions."""
    nodes = {node for function in _functions(tree) for node in ast.walk(function)}
    return sum(isinstance(node, ast.Import | ast.ImportFrom) for node in nodes)


def _functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def _p90(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=10, method="inclusive")[8]


def _import_figures() -> list[Figure]:
    """Cycles and fan-out; imports in functions count."""
    graph = grimp.build_graph("menpai", cache_dir=None)
    # A gateway imports itself for the type checker alone: no cycle.
    imports = {module: graph.find_modules_directly_imported_by(module) - {module} for module in graph.modules}
    ranked = sorted(imports, key=lambda module: (-len(imports[module]), module))
    above = [f"{module}: {len(imports[module])}" for module in ranked if len(imports[module]) > FAN_OUT]
    web = [path.name for path in web_imports.cycle(web_imports.imports())]
    python = python_cycle(imports)
    return [
        Figure("import cycles, Python", bool(python), 0, python),
        Figure("import cycles, web", bool(web), 0, web),
        Figure("fan-out, the most", len(imports[ranked[0]]), FAN_OUT, above),
    ]


def python_cycle(imports: dict[str, set[str]]) -> list[str]:
    """One import cycle, first and last the same module; empty if there is none."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def main() -> None:
    for figure in figures():
        goal = "" if figure.goal is None else f"goal ≤ {figure.goal:g}: {'met' if figure.is_met else 'not met'}"
        print(f"{figure.name:<27}{figure.value:>6g}  {goal}".rstrip())
        for detail in figure.details:
            print(f"    {detail}")


if __name__ == "__main__":
    main()
