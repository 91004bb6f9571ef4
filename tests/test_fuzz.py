"""Whatever bytes a stranger sends: refused or sound, never a crash. Hypothesis in every run, atheris with --proof."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from menpai import identifiers
from tests import fuzz_targets
from tests.fuzz_targets import SEEDS, TARGETS

pytestmark = pytest.mark.without_database

ROOT = Path(__file__).parents[1]


def prefix(target):
    return b"" if target in (fuzz_targets.a_body, fuzz_targets.a_form) else b"\x00"


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.__name__)
def test_whatever_comes_is_refused_or_sound(target):
    mutated = st.sampled_from(SEEDS[target]).flatmap(
        lambda seed: st.tuples(st.integers(0, len(seed)), st.text(max_size=4)).map(
            lambda cut: (seed[: cut[0]] + cut[1] + seed[cut[0] :]).encode("utf-8", "surrogatepass")
        )
    )

    @settings(max_examples=300, deadline=None, database=None)
    @given(st.one_of(st.binary(max_size=300), mutated, st.text().map(lambda one: one.encode("utf-8", "replace"))))
    @example(b"")
    @example(b"\x80" + b"\x00\xd8\x00" * 3)  # lone surrogates
    def run(raw):
        target(prefix(target) + raw)

    run()


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.__name__)
def test_the_seeds_themselves_hold(target):
    for seed in SEEDS[target]:
        target(prefix(target) + seed.encode())


def test_a_naive_mobile_is_caught(monkeypatch):
    r"""`\d` takes Arabic digits (H43): the same target sees them."""
    monkeypatch.setattr(identifiers, "_MOBILE", re.compile(r"1[3-9]\d{9}"))
    for seed in SEEDS[fuzz_targets.a_mobile]:
        fuzz_targets.a_mobile(b"\x00" + seed.encode())  # without such digits it works
    with pytest.raises(AssertionError):
        fuzz_targets.a_mobile(b"\x00" + "1381234567٨".encode())


@pytest.mark.proof_only("ten million runs")
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.__name__)
def test_atheris_finds_no_crash(target, tmp_path, record_property):
    command = [sys.executable, "-m", "tests.fuzzing", target.__name__, str(TARGETS[target]), str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    executed = re.search(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)
    assert done.returncode == 0 and executed, done.stderr[-3000:]
    assert int(executed[1]) >= TARGETS[target]
    record_property("seen", f"{int(executed[1]):,} runs")
