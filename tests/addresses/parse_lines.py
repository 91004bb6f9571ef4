"""Parses addresses for a scorer: JSON lines on stdin, {"id", "text"}, and one answer a line on stdout."""

import json
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "menpai.settings")  # where an applied edition of regions is

from menpai.addresses import parsing


def main() -> None:
    for line in sys.stdin:
        row = json.loads(line)
        answer = parsing.parse(row["text"])
        warnings = [warning.code for warning in answer.warnings]
        print(json.dumps({"id": row["id"], **answer.fields, "code": answer.region_code, "warnings": warnings}))


if __name__ == "__main__":
    main()
