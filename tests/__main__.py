"""`make test`: the whole suite on both engines at once, one core each.

The servers and browsers that tests start keep what is left of two cores busy; more processes only make tests wait.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import IO

from tests.rig.children import ends_with_us

ENGINES = {"production": "PostgreSQL + Redis + Celery", "embedded": "SQLite"}
PROCESSES = 1  # for each engine


@contextlib.contextmanager
def running(command: list[str], output: IO[bytes] | None) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with us, or with the block. `output` None: it writes to the terminal."""
    end = ends_with_us(signal.SIGTERM)  # not SIGINT: what runs in the background of a script ignores it
    # The services that tests start need compiled modules: without them each start compiles the product again.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(command, stdout=output, stderr=output, preexec_fn=end, env=environment) as process:
        try:
            yield process
        finally:
            process.terminate()


def main(arguments: list[str]) -> int:
    print("Both engines at once; PostgreSQL is shown while it runs, SQLite when it ends.", flush=True)
    with tempfile.TemporaryDirectory() as claims, contextlib.ExitStack() as stack:
        command = [sys.executable, "-m", "pytest", "--durations=25", f"--share={claims}", *arguments]
        runs: list[tuple[str, subprocess.Popen[bytes], IO[bytes] | None]] = []
        for engine in list(ENGINES) * PROCESSES:
            output = stack.enter_context(tempfile.TemporaryFile()) if runs else None
            process = stack.enter_context(running([*command, f"--engine={engine}"], output))
            runs.append((ENGINES[engine], process, output))
        return max([finish(*run) for run in runs])


def finish(engine: str, process: subprocess.Popen[bytes], output: IO[bytes] | None) -> int:
    """Waits for the end, shows what was not shown, and returns the exit code."""
    result = process.wait()
    if output:
        print(f"── {engine} ──", flush=True)
        output.seek(0)
        sys.stdout.buffer.write(output.read())
        sys.stdout.flush()
    return abs(result)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
