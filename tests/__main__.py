"""`make test`: the whole suite on both engines at once, one core each."""

import subprocess
import sys
import tempfile

COMMAND = [sys.executable, "-m", "pytest"]


def main(arguments: list[str]) -> int:
    with tempfile.TemporaryFile() as kept:
        print("SQLite beside PostgreSQL + Redis + Celery; the second is shown while it runs.", flush=True)
        embedded = subprocess.Popen([*COMMAND, "--engine=embedded", *arguments], stdout=kept, stderr=kept)
        try:
            production = subprocess.run([*COMMAND, "--engine=production", *arguments], check=False).returncode
            result = embedded.wait()
        finally:
            embedded.terminate()
            embedded.wait()
        kept.seek(0)
        print("── SQLite ──", flush=True)
        sys.stdout.buffer.write(kept.read())
        sys.stdout.flush()
    return production or result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
