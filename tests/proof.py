"""`make proof`: the long figures, on PostgreSQL + Redis + Celery. What was seen last stands in docs/proof.md."""

import os
import platform
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from datetime import date
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "proof.md"
SUITES = (
    *("test_races", "api/test_races", "social/test_races", "test_double_spend", "test_ephemeral_races"),
    *("test_captcha", "test_kills", "test_worker_kill", "test_faults", "test_rotation", "test_upgrade"),
    *("sms/test_budget", "sms/test_report"),
    *("test_model", "test_ephemeral_model", "test_fuzz", "test_timing", "test_overload", "test_schema"),
    "test_command",
    "test_metrics",
    "test_regions",
)
RACES = (
    "audit/test_chain",
    "sms/test_moods",
    "test_ephemeral_away",
    "test_guard",
)  # of these only the tests that run longer here
JOURNEYS = sorted(f"e2e/{file.stem}" for file in Path(__file__).parent.glob("e2e/test_*.py"))  # on both engines
NO_TESTS = 5  # pytest's exit code


def main(arguments: list[str]) -> int:
    """Run the suites that are named, or all, one after the other; the page is written after each.

    The others' rows stay as they were seen last. `--resume` runs those that have no row of this commit yet.
    """
    suites = [one for one in arguments if one != "--resume"] or [
        f"tests/{suite}.py" for suite in (*SUITES, *RACES, *JOURNEYS)
    ]
    if "--resume" in arguments:
        suites = [suite for suite in suites if not is_seen(suite)]
    failed = [suite for suite in suites if run(suite)]
    print(f"{PAGE}: {len(suites)} suites, failed: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


def run(suite: str) -> int:
    """0 when the suite has passed on each of its engines."""
    if _name(suite) in JOURNEYS:
        return max(_run(suite, engine, summary) for engine in ("embedded", "production"))
    return _run(suite, "production", rows, *(["--longer"] if _name(suite) in RACES else []))


def _run(suite: str, engine: str, read: Callable[[ElementTree.Element, str], dict[str, str]], *options: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = ["-m", "pytest", f"--engine={engine}", "--proof", "--timeout=7200", "-v", *options]
        command += ["-o", "junit_family=xunit1", f"--junitxml={report}"]  # the family that keeps the figures
        result = subprocess.run([sys.executable, *command, suite], check=False).returncode
        found = read(ElementTree.parse(report).getroot(), engine)
    PAGE.write_text(page(recorded() | found) + remarks(), encoding="utf-8")
    return 0 if result == NO_TESTS else result  # some journeys are made on one engine only


def _name(suite: str) -> str:
    return str(Path(suite).with_suffix("")).removeprefix("tests/")


def is_seen(suite: str) -> bool:
    """Whether this commit has a row of the suite already."""
    start = f"{title('.'.join(Path(suite).with_suffix('').parts))}: "
    return any(promise.startswith(start) and f" | {commit()} | " in row for promise, row in recorded().items())


def title(module: str) -> str:
    return module.removeprefix("tests.test_").replace("_", " ")


def rows(report: ElementTree.Element, _engine: str) -> dict[str, str]:
    """What was promised, whether it held, how long it took, and the figure that it printed."""
    found, on = {}, f"{date.today().isoformat()} | {commit()}"
    for case in report.iter("testcase"):
        if case.find("skipped") is not None:
            continue
        held = "yes" if has_passed(case) else "no"
        suite = title(case.attrib["classname"])
        name = re.sub(r"^test_", "", case.attrib["name"]).replace("_", " ").replace("|", "/")
        seen = "; ".join(one.attrib["value"] for one in case.iter("property"))
        promise = f"{suite}: {name}"
        seconds = float(case.attrib["time"])
        found[promise] = f"| {promise} | {held} | {on} | {seconds:.0f} | {seen} |"
    return found


def summary(report: ElementTree.Element, engine: str) -> dict[str, str]:
    """One row for all journeys of a file."""
    cases = list(report.iter("testcase"))
    if not cases:
        return {}
    promise = f"{title(cases[0].attrib['classname'])}: every journey on the {engine} engine"
    held = "yes" if all(map(has_passed, cases)) else "no"
    seconds = sum(float(case.attrib["time"]) for case in cases)
    on = f"{date.today().isoformat()} | {commit()}"
    return {promise: f"| {promise} | {held} | {on} | {seconds:.0f} | {len(cases)} journeys |"}


def has_passed(case: ElementTree.Element) -> bool:
    return case.find("failure") is None and case.find("error") is None


def commit() -> str:
    """The commit that was tested; with a plus when something had been changed since."""
    found = subprocess.run(["git", "describe", "--always", "--abbrev=8", "--dirty=+"], capture_output=True, text=True)
    return found.stdout.strip()


def recorded() -> dict[str, str]:
    if not PAGE.exists():
        return {}
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return {line.split(" | ")[0].removeprefix("| "): line for line in lines if re.search(r" \| (yes|no) \| ", line)}


def remarks() -> str:
    """The sections below the table, which are written by hand."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    start = text.find("\n## ")
    return text[start:] if start >= 0 else ""


def page(found: dict[str, str]) -> str:
    lines = [
        "# The long figures",
        "",
        f"`make proof`, {os.cpu_count()} cores, Python {platform.python_version()}, each as it was seen last. "
        "Races are 64 wide and run 1,000 rounds; `make test` runs 10.",
        "",
        "| promise | held | on | commit | seconds | seen |",
        "|---|---|---|---|---|---|",
        *sorted(found.values()),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
