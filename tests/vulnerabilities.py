"""`make audit`: the bill of materials, and what is known against it. Run with the audit tools' own Python.

Exit 0: nothing is known. 1: something is. 2: nobody could be asked, which is no good news.
"""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements" / "run.txt"
BILL = ROOT / "dist" / "sbom.json"
BIN = Path(sys.executable).parent
SERVICES = ("pypi", "osv")  # asked in this order, until one answers


@dataclass(frozen=True)
class Verdict:
    code: int
    text: str


def main() -> int:
    BILL.parent.mkdir(exist_ok=True)
    subprocess.run([BIN / "cyclonedx-py", "requirements", LOCK, "--output-file", BILL], check=True)
    missing = unlisted(LOCK.read_text(encoding="utf-8"), json.loads(BILL.read_text(encoding="utf-8")))
    if missing:
        print(f"{BILL} 缺少 · lacks: {', '.join(missing)}", file=sys.stderr)
        return 2
    print(BILL, flush=True)
    answers = []
    for service in SERVICES:
        found = verdict(service, asked(service))
        if found.code != 2:
            print(found.text)
            return found.code
        answers.append(found.text)
    print(
        "未能完成检查：漏洞信息服务都无法访问，不代表没有漏洞。\n"
        "NOT AUDITED: no vulnerability service could be asked. This says nothing about vulnerabilities; "
        "run it again where they can be reached.",
        *answers,
        sep="\n  ",
        file=sys.stderr,
    )
    return 2


def unlisted(lock: str, bill: dict[str, list[dict[str, str]]]) -> list[str]:
    """What is locked and not on the bill, as name==version."""
    listed = {f"{part['name'].lower()}=={part.get('version')}" for part in bill.get("components", [])}
    return sorted(set(re.findall(r"^([a-z0-9._-]+==[^\s;\\]+)", lock, re.MULTILINE)) - listed)


def asked(service: str) -> subprocess.CompletedProcess[str]:
    question = ["--strict", "--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off"]
    return subprocess.run(
        [BIN / "pip-audit", *question, "--timeout", "15", "--vulnerability-service", service, "-r", LOCK],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def verdict(service: str, done: subprocess.CompletedProcess[str]) -> Verdict:
    """pip-audit ends with 1 both for a finding and for a failure; only a finding comes with a report."""
    try:
        dependencies = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Verdict(2, f"{service}: {(done.stderr.strip().splitlines() or ['no answer'])[-1]}")
    unknown = [one["name"] for one in dependencies if "vulns" not in one]
    if unknown or not dependencies:
        return Verdict(2, f"{service}: does not know {', '.join(unknown) or 'anything'}")
    found = [
        f"{one['name']} {one['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'no version yet'}"
        for one in dependencies
        for flaw in one["vulns"]
    ]
    if found:
        return Verdict(1, "\n".join(["已知漏洞 · known vulnerabilities:", *found]))
    return Verdict(
        0, f"{len(dependencies)} 个依赖，没有已知漏洞 · dependencies, none with a known vulnerability ({service})"
    )


if __name__ == "__main__":
    sys.exit(main())
