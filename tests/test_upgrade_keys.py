"""The keys file between versions: each reads what the other writes, and today's keeps what it does not know."""

import json
from pathlib import Path

import pytest

from tests.rig.releases import TODAY, Release, previous

pytestmark = pytest.mark.once("the keys file knows no database engine")
UNKNOWN = {"consent": [{"id": "c0ffee00", "key": "AAEC", "alg": "ES256", "curves": ["P-256", None]}]}


@pytest.fixture
def before() -> Release:
    return previous()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"MENPAI_DATA_DIR": str(tmp_path), "MENPAI_KEYS_FILE": str(tmp_path / "keys.json")}


@pytest.fixture
def keys_file(before: Release, environment: dict[str, str]) -> Path:
    """Made by the version before, with a kind that neither version knows."""
    before.run("keys", environment=environment)
    path = Path(environment["MENPAI_KEYS_FILE"])
    path.write_text(json.dumps(json.loads(path.read_text()) | UNKNOWN))
    return path


def rotate(release: Release, environment: dict[str, str]) -> None:
    release.run("keys", "rotate", "all", "--in", "0", environment=environment)


def test_what_today_writes_keeps_an_unknown_kind_and_is_read_by_the_version_before(
    before: Release, environment: dict[str, str], keys_file: Path
) -> None:
    rotate(TODAY, environment)
    content = json.loads(keys_file.read_text())
    assert content.pop("consent") == UNKNOWN["consent"]
    assert len(content.pop("snapshots")) == 1  # a kind that the version before does not know
    listed = before.run("keys", "list", environment=environment)
    assert all(key["id"] in listed for found in content.values() for key in found)
    assert all(len(found) == 2 for found in content.values())


def test_the_version_before_drops_an_unknown_kind(
    before: Release, environment: dict[str, str], keys_file: Path
) -> None:
    """It is published and cannot be changed, so docs/operations.md says which version changes the file. Once PREVIOUS
    is a version that keeps such kinds, this test becomes its opposite."""
    rotate(before, environment)
    assert "consent" not in json.loads(keys_file.read_text())
