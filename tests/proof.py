"""`make proof`: the long figures, on PostgreSQL + Redis + Celery. What was seen last stands in docs/proof.md."""

import os
import platform
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from datetime import date
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "proof.md"
SUITES = (
    *("test_races", "test_double_spend", "test_ephemeral_races", "test_ephemeral_given", "test_captcha"),
    *("test_kills", "test_worker_kill", "test_faults", "test_rotation"),
    *("test_model", "test_ephemeral_model", "test_fuzz", "test_timing", "test_overload", "test_schema"),
)


def main(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = ["-m", "pytest", "--engine=production", "--proof", "--timeout=3600", "-v"]
        command += ["-o", "junit_family=xunit1", f"--junitxml={report}"]  # the family that keeps the figures
        suites = arguments or [f"tests/{suite}.py" for suite in SUITES]
        done = subprocess.run([sys.executable, *command, *suites], check=False).returncode
        PAGE.write_text(page(ElementTree.parse(report).getroot()), encoding="utf-8")
    print(f"{PAGE}")
    return done


def page(report: ElementTree.Element) -> str:
    """The report as a table: what was promised, whether it held, how long it took, and the figure that it printed."""
    lines = [
        "# The long figures",
        "",
        f"`make proof` on {date.today().isoformat()}, {os.cpu_count()} cores, Python {platform.python_version()}. "
        "Races are 64 wide and run 1,000 rounds; `make test` runs 100.",
        "",
        "| promise | held | seconds | seen |",
        "|---|---|---|---|",
    ]
    for case in report.iter("testcase"):
        held = "no" if case.find("failure") is not None or case.find("error") is not None else "yes"
        name = re.sub(r"^test_", "", case.attrib["name"]).replace("_", " ").replace("|", "/")
        seen = "; ".join(one.attrib["value"] for one in case.iter("property"))
        lines.append(f"| {name} | {held} | {float(case.attrib['time']):.0f} | {seen} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
