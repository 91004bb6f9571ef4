"""How the suite runs: in processes that share the tests, and without tests that are slow for no reason."""

import time
from pathlib import Path

import pytest

from menpai.models import Customer
from tests.rig import slowness
from tests.rig.sharing import Sharing


@pytest.mark.without_database
def test_a_test_without_database_is_kept_from_it() -> None:
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        Customer.objects.count()


def test_what_runs_once_is_claimed_by_one_process(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    request.node.add_marker(pytest.mark.once("for this test"))
    first, second = Sharing(tmp_path, "embedded"), Sharing(tmp_path, "production")
    assert list(first._claimed([request.node, request.node])) == [request.node, request.node]
    assert list(second._claimed([request.node])) == []


def test_what_needs_an_engine_runs_on_each_engine_once_and_first(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    own = request.node
    shared = pytest.Function.from_parent(own.parent, name=own.originalname)
    shared.add_marker(pytest.mark.once("for this test"))
    items = [shared, own]
    for engine in ("embedded", "production"):
        first, second = Sharing(tmp_path, engine), Sharing(tmp_path, engine)
        first.pytest_collection_modifyitems(items)
        assert items == [own, shared]
        assert own in first._claimed(items)
        assert own not in second._claimed(items)


def run_as_a_test(item: pytest.Item) -> None:
    call = slowness.pytest_runtest_call(item)
    next(call)
    call.send(None)


def test_a_slow_test_needs_a_reason(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slowness, "SECONDS", -1)
    with pytest.raises(AssertionError, match="shorten it"):
        run_as_a_test(request.node)
    request.node.add_marker(pytest.mark.slow("for this test"))
    with pytest.raises(StopIteration):
        run_as_a_test(request.node)


def test_the_work_of_a_test_is_counted() -> None:
    watch, until = slowness.Stopwatch(), time.process_time() + 0.1
    while time.process_time() < until:
        pass
    assert watch.seconds() >= 0.1
