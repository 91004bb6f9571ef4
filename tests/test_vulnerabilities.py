"""`make audit` never takes silence for good news."""

import json
from subprocess import CompletedProcess

import pytest

from tests import vulnerabilities

pytestmark = pytest.mark.without_database

CLEAN = {"name": "django", "version": "5.2.19", "vulns": []}
FLAWED = {"name": "amqp", "version": "5.4.2", "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["5.4.3"]}]}
SKIPPED = {"name": "granian", "skip_reason": "Dependency not found on PyPI"}


def answer(code, *dependencies, error=""):
    report = json.dumps({"dependencies": dependencies, "fixes": []}) if dependencies or not error else ""
    return CompletedProcess([], code, report, error)


@pytest.mark.parametrize(
    ("done", "code", "word"),
    [
        (answer(0, CLEAN), 0, "none with a known vulnerability"),
        (answer(1, CLEAN, FLAWED), 1, "amqp 5.4.2: PYSEC-2026-1, mended in 5.4.3"),
        (
            answer(1, error="ERROR:pip_audit._cli:Could not connect to PyPI's vulnerability feed"),
            2,
            "Could not connect",
        ),
        (answer(1, error="ERROR:pip_audit._cli:amqp: Dependency not found on PyPI"), 2, "not found on PyPI"),
        (answer(0, CLEAN, SKIPPED), 2, "does not know granian"),
        (answer(0), 2, "does not know anything"),
        (CompletedProcess([], 0, "", ""), 2, "no answer"),
        (CompletedProcess([], 0, "[]", ""), 2, "no answer"),
    ],
)
def test_each_answer_has_its_verdict(done, code, word):
    found = vulnerabilities.verdict("pypi", done)
    assert found.code == code
    assert word in found.text


def test_what_is_locked_must_stand_on_the_bill():
    lock = "amqp==5.4.2 \\\n    --hash=sha256:0\ndjango==5.2.19 ; python_version > '3'\n    # via menpai\n"
    bill = {"components": [{"name": "Django", "version": "5.2.19"}, {"name": "amqp", "version": "5.4.1"}]}
    assert vulnerabilities.unlisted(lock, bill) == ["amqp==5.4.2"]
    assert len(vulnerabilities.unlisted(vulnerabilities.LOCK.read_text(), {})) > 20
