"""`make mutants`: small wrongs are put into the modules that everything hangs on, one at a time: do the tests see them?

cosmic-ray writes each wrong into the file, so it works on a copy. So many of each module are drawn, always the same
ones. Not drawn is what no test could see (EQUAL), and what any import would (the `|` of a type). Target T11: 85 of 100.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkerOutcome, WorkResult

ROOT = Path(__file__).parents[1]
AWAY = shutil.ignore_patterns(".git", ".venv*", "node_modules", "var", "__pycache__", ".*_cache")
TARGET, SECONDS = 85, 240
# Where the wrong is no wrong: on which lines, made by which operators.
EQUAL = (
    ("@dataclass(", ""),  # nobody writes to what is frozen
    ("while len(fresh) <", "NotEq"),  # until there are so many
    ("{secrets.token_urlsafe(32):", "Number"),  # a decoy that nobody knows, whatever its length
    ("strict=True", "ReplaceTrue"),  # they are of one length
    ('answer.outcome != "gone"', "_Gt"),  # of "right", "wrong" and "gone" the others come after it…
    ('answer.outcome == "wrong"', "_GtE"),  # …and nothing comes after this
)
RECOVERY = ("contracts/test_v1_recovery.py", "contracts/common/test_recovery.py", "api/test_recovery.py")
# Each module with the tests that are about it, those that answer soonest first.
MODULES = {
    "codes/one_time": (
        *("contracts/common/test_recovery.py", "contracts/test_v1_recovery.py", "api/test_activation.py"),
        *("test_codes.py", "test_keys.py", "test_double_spend.py"),
    ),
    "codes/send_limits": (
        *("contracts/test_user.py", "contracts/test_v1_registration.py", "contracts/test_v1_recovery.py"),
        *("test_guard.py", "contracts/common/test_registration.py", "contracts/common/test_signed_in.py"),
    ),
    "sessions/tokens": (
        *("api/test_refresh.py", "api/test_devices.py", "api/test_cookies.py", "contracts/test_v1_login.py"),
        *("contracts/common/test_signed_in.py", "api/test_identity.py", "test_clocks.py"),
    ),
    "accounts/recovery": RECOVERY,
    "accounts/recovery_codes": RECOVERY,
    "addresses/book": ("contracts/test_v1_addresses.py", "api/test_addresses.py", "contracts/common/test_signed_in.py"),
}


def main() -> int:
    parser = argparse.ArgumentParser("python -m tests.mutants", description=__doc__)
    parser.add_argument("--of-each", type=int, default=60, help="how many of each module (default: %(default)s)")
    parser.add_argument("--only", choices=list(MODULES), action="append", help="this module")
    options = parser.parse_args()
    seen = drawn = 0
    for module in options.only or MODULES:
        caught, all_of_them = _judge(module, options.of_each)
        seen, drawn = seen + caught, drawn + all_of_them
    score = 100 * seen / drawn
    print(f"{seen} of {drawn} were seen: {score:.0f} of 100, wanted are {TARGET}", flush=True)
    return score < TARGET


def _judge(module: str, wanted: int) -> tuple[int, int]:
    with tempfile.TemporaryDirectory(prefix="menpai-mutants-") as folder:
        copy, session = Path(folder, "copy"), Path(folder, "session.sqlite")
        shutil.copytree(ROOT, copy, ignore=AWAY, symlinks=True)
        configuration = Path(folder, "cosmic-ray.toml")
        configuration.write_text(_configuration(module), encoding="utf-8")
        _run(copy, ["init", configuration, session])
        with use_db(session, WorkDB.Mode.open) as work:
            _draw(work, module, wanted)
        _run(copy, ["exec", configuration, session])
        with use_db(session, WorkDB.Mode.open) as work:
            return _count(work, module)


def _configuration(module: str) -> str:
    tests = " ".join(f"tests/{name}" for name in MODULES[module])
    command = f"{sys.executable} -m pytest -x --show-capture=no --timeout=60 {tests}"
    return (
        f'[cosmic-ray]\nmodule-path = "menpai/{module}.py"\ntimeout = {SECONDS}.0\nexcluded-modules = []\n'
        f'test-command = "{command}"\n[cosmic-ray.distributor]\nname = "local"\n'
    )


def _run(copy: Path, arguments: list[str | Path]) -> None:
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    tool = Path(sys.executable).with_name("cosmic-ray")
    subprocess.run([tool, *arguments], cwd=copy, env=environment, check=True)


def _draw(work: WorkDB, module: str, wanted: int) -> None:
    """What is not drawn is marked as skipped."""
    lines = (ROOT / "menpai" / f"{module}.py").read_text(encoding="utf-8").splitlines()
    items = sorted(work.work_items, key=lambda item: str(item.mutations))
    worth = [item.job_id for item in items if _is_wrong(item.mutations[0], lines)]
    kept = set(random.Random(module).sample(worth, min(wanted, len(worth))))
    print(f"{module}: {len(kept)} of {len(worth)}", flush=True)
    for item in items:
        if item.job_id not in kept:
            work.set_result(item.job_id, WorkResult(worker_outcome=WorkerOutcome.SKIPPED))


def _is_wrong(mutation: MutationSpec, lines: list[str]) -> bool:
    line = lines[mutation.start_pos[0] - 1]
    how = mutation.operator_name
    if any(text in line and (how.endswith(by) if by.startswith("_") else by in how) for text, by in EQUAL):
        return False
    return "BinaryOperator_BitOr" not in how


def _count(work: WorkDB, module: str) -> tuple[int, int]:
    caught = drawn = 0
    for job, result in work.results:
        if result.worker_outcome is WorkerOutcome.SKIPPED:
            continue
        drawn += 1
        caught += result.test_outcome is not TestOutcome.SURVIVED
        if result.test_outcome is TestOutcome.SURVIVED:
            print(f"nobody saw in {module}: {_place(work, job)}\n{result.diff}", flush=True)
    print(f"{module}: {caught} of {drawn} seen", flush=True)
    return caught, drawn


def _place(work: WorkDB, job: str) -> str:
    item = next(item for item in work.work_items if item.job_id == job)
    first = item.mutations[0]
    return f"line {first.start_pos[0]}, {first.operator_name}"


if __name__ == "__main__":
    sys.exit(main())
