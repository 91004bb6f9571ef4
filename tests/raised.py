"""Which refusals a view can raise, as far as the code tells: everything that its functions name is followed."""

import ast
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

from menpai import errors
from menpai.social import providers

ROOT = Path(__file__).parent.parent
Node = tuple[str, str]  # a module and what it declares


def refusals_of(*views: Callable[..., object]) -> set[str]:
    """The names of the refusals that these views, and whatever they reach in the product, can raise."""
    seen: set[Node] = set()
    waiting = [(view.__module__, view.__name__) for view in views]
    raised: set[str] = set()
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            for home, name in _named_in(*node):
                if home == "menpai.errors" and name:
                    raised.add(name)
                else:
                    waiting.append((home, name))
    return {name for name in raised if issubclass(getattr(errors, name), errors.Refusal)}


@cache
def _declared(home: str) -> dict[str, list[ast.AST]]:
    """name → what a module declares under it at its outermost level."""
    declared: dict[str, list[ast.AST]] = {}
    for part in _tree(home).body:
        if isinstance(part, ast.FunctionDef | ast.ClassDef):
            declared.setdefault(part.name, []).append(part)
        elif isinstance(part, ast.Assign | ast.AnnAssign) and part.value:
            targets = part.targets if isinstance(part, ast.Assign) else [part.target]
            for name in (one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)):
                declared.setdefault(name, []).append(part.value)
    return declared


@cache
def _tree(home: str) -> ast.Module:
    source = import_module(home).__file__
    assert source
    return ast.parse(Path(source).read_text(encoding="utf-8"))


@cache
def _imported(home: str) -> dict[str, Node]:
    """alias → (module, name); a module itself is (module, "")."""
    found: dict[str, Node] = {}
    for part in ast.walk(_tree(home)):
        if isinstance(part, ast.ImportFrom) and (part.module or "").startswith("menpai"):
            for alias in part.names:
                with suppress(ModuleNotFoundError):
                    import_module(f"{part.module}.{alias.name}")  # what a function imports only when it runs
                value = getattr(import_module(str(part.module)), alias.name)
                node = (value.__name__, "") if isinstance(value, ModuleType) else (str(part.module), alias.name)
                found[alias.asname or alias.name] = node
    return found


def _named_in(home: str, name: str) -> Iterator[Node]:
    if home == providers.__name__:  # it finds its modules by their names
        for module in iter_modules(providers.__path__, f"{home}."):
            yield from ((module.name, one) for one in _declared(module.name))
    if name in _imported(home) and name not in _declared(home):  # handed on by a package
        yield _imported(home)[name]
    for part in _declared(home).get(name, []):
        own = _variables(part)
        for one in _followed(part):
            if isinstance(one, ast.Name) and one.id in own:
                continue
            if isinstance(one, ast.Name) and one.id in _imported(home):
                yield _imported(home)[one.id]
            elif isinstance(one, ast.Name) and one.id in _declared(home):
                yield home, one.id
            elif isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name):
                module, rest = _imported(home).get(one.value.id, ("", "-"))
                if not rest:
                    yield module, one.attr


def _variables(part: ast.AST) -> set[str]:
    stored = {one.id for one in ast.walk(part) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    return stored | {one.arg for one in ast.walk(part) if isinstance(one, ast.arg)}


def _followed(part: ast.AST) -> Iterator[ast.AST]:
    """All of a declaration but its decorators, annotations and what it compares with: `except` and `isinstance`."""
    for field, child in ast.iter_fields(part):
        if field in ("decorator_list", "annotation", "returns") or (
            isinstance(part, ast.ExceptHandler) and field == "type"
        ):
            continue
        for one in child if isinstance(child, list) else [child]:
            if isinstance(one, ast.AST) and not _compares(one):
                yield one
                yield from _followed(one)


def _compares(part: ast.AST) -> bool:
    return isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == "isinstance"
