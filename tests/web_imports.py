"""Import cycles in web/src; dynamic and type-only imports count. `make check` fails when there is one."""

import re
import sys
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "web/src"
_SPECIFIER = re.compile(r"""(?:\bfrom|\bimport|\bimport\(|\bURL\()\s*['"]((?:\.|@/)[^'"]*)['"]""")


def imports(source: Path = SOURCE) -> dict[Path, set[Path]]:
    """The files of `source` that each of its modules imports. Raises FileNotFoundError for one that is not there."""
    modules = [path for path in sorted(source.rglob("*")) if path.suffix in (".ts", ".vue", ".css")]
    return {module: {_resolve(module, name, source) for name in _specifiers(module)} for module in modules}


def cycle(graph: Mapping[Path, set[Path]]) -> list[Path]:
    """One import cycle, first and last the same module; empty if there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[Path] = error.args[1]
        return found[::-1]
    return []


def _specifiers(module: Path) -> list[str]:
    return _SPECIFIER.findall(module.read_text(encoding="utf-8"))


def _resolve(module: Path, specifier: str, source: Path) -> Path:
    base = source / specifier[2:] if specifier.startswith("@/") else module.parent / specifier
    for candidate in (base, base.with_name(f"{base.name}.ts"), base.with_name(f"{base.name}.d.ts"), base / "index.ts"):
        if candidate.is_file():
            return candidate.resolve()
    raise FileNotFoundError(f"{module} imports {specifier}, which is not there")


def main() -> None:
    if found := cycle(imports()):
        sys.exit("import cycle: " + " → ".join(str(module.relative_to(SOURCE)) for module in found))


if __name__ == "__main__":
    main()
