"""`make test`: the whole suite on both engines at once, one core each."""

import signal
import subprocess
import sys
import tempfile

from tests.rig.children import ends_with_us

COMMAND = [sys.executable, "-m", "pytest", "--durations=25"]


def main(arguments: list[str]) -> int:
    with tempfile.TemporaryFile() as kept, tempfile.TemporaryDirectory() as claims:
        share = f"--share={claims}"
        print("SQLite beside PostgreSQL + Redis + Celery; the second is shown while it runs.", flush=True)
        end = ends_with_us(signal.SIGTERM)  # not SIGINT: what runs in the background of a script ignores it
        embedded = subprocess.Popen(
            [*COMMAND, share, "--engine=embedded", *arguments], stdout=kept, stderr=kept, preexec_fn=end
        )
        try:
            command = [*COMMAND, share, "--engine=production", *arguments]
            production = subprocess.run(command, check=False, preexec_fn=end).returncode
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
