"""Counters of the processes of one service, in memory that they share (docs/adr/0021).

`share` comes before processes are forked. Each of them writes to a slot of its own, under a lock of its own; a reader
adds all slots up. So nothing that was counted is lost when a worker is replaced, and a killed one holds no lock.

A slot is a list of records: a series as Prometheus writes it, and its value. Values of labels are words of the code,
such as a status or the name of an event: never what somebody typed.
"""

import mmap
import re
import threading
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from menpai.environment import logs

_RECORD, _VALUE = 128, 120  # bytes: the length of the series, the series, and from 120 on its value
_RECORDS = 1024  # of a slot; it has about 300
_SLOT = _RECORD * _RECORDS
_LABEL_LENGTH = 40
Kind = Literal["counter", "gauge", "histogram", "summary"]
_lock = threading.Lock()
_memory = mmap.mmap(-1, _SLOT)  # anonymous: shared with the children
_values = memoryview(_memory).cast("d")
_begin = 0  # of this process's slot
_turns: dict[int, int] = defaultdict(int)  # worker → which of its two slots is next


@dataclass(frozen=True)
class Metric:
    """A metric with its labels.

    A histogram has buckets, a summary the sum and the number of its values alone.
    """

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    known: tuple[tuple[str, ...], ...] = ()  # series that are there from the start, at zero
    _places: dict[tuple[str, ...], list[int]] = field(default_factory=dict, compare=False, repr=False)

    def add(self, *values: str, by: float = 1.0) -> None:
        """Adds to the series with these values of the labels; zero makes it known."""
        with _lock:
            _values[self._places_of(values)[0]] += by

    def set(self, *values: str, to: float) -> None:
        with _lock:
            _values[self._places_of(values)[0]] = to

    def observe(self, *values: str, value: float) -> None:
        """Counts a value in its bucket and adds it to the sum."""
        with _lock:
            places = self._places_of(values)
            _values[places[bisect_left(self.buckets, value)]] += 1
            _values[places[-1]] += value

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Observes for how many seconds the block takes, whatever its end."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.observe(value=time.perf_counter() - begun)

    def _places_of(self, values: tuple[str, ...]) -> list[int]:
        return self._places.get(values) or self._places.setdefault(values, [*map(_place, self.series(values))])

    def series(self, values: Iterable[str]) -> list[str]:
        """Returns the series that these values of the labels have: one, or the buckets and the sum."""
        pairs = [f'{name}="{_label(value)}"' for name, value in zip(self.labels, values, strict=True)]
        if self.kind in ("counter", "gauge"):
            return [_series(self.name, pairs)]
        bounds = [*(f"{bound:g}" for bound in self.buckets), "+Inf"]
        buckets = [_series(f"{self.name}_bucket", [*pairs, f'le="{bound}"']) for bound in bounds]
        return [*buckets, _series(f"{self.name}_sum", pairs)]

    def lines(self, counted: dict[str, float]) -> list[str]:
        """Returns this metric in Prometheus' text format, its buckets cumulated."""
        lines = [f"# HELP {self.name} {self.help}", f"# TYPE {self.name} {self.kind}"]
        counts: dict[str, float] = defaultdict(float)
        for series, value in counted.items():
            name = _name(series)
            if name in (self.name, f"{self.name}_sum"):
                lines.append(f"{series} {_number(value)}")
            elif name == f"{self.name}_bucket":
                count = re.sub(r',?le="[^"]+"', "", series.replace("_bucket", "_count", 1)).removesuffix("{}")
                counts[count] += value
                lines += [f"{series} {_number(counts[count])}"] if self.kind == "histogram" else []
                lines += [f"{count} {_number(counts[count])}"] if '"+Inf"' in series else []
        return lines


def share(workers: int) -> None:
    """Makes memory for this process and so many workers, which are forked later."""
    global _memory, _values
    _memory = mmap.mmap(-1, _SLOT * (1 + 2 * workers))
    _values = memoryview(_memory).cast("d")
    _use(0)


def start_worker(index: int) -> None:
    """Gives its slot to this worker, or to the one that this process forks next.

    A worker has two slots, used in turn: its successor starts while it still answers. Gauges begin at zero.
    """
    slots = [1 + 2 * index, 2 + 2 * index]
    gauges = {metric.name for metric in METRICS if metric.kind == "gauge"}
    for slot in slots:
        for place, series in _records(slot * _SLOT):
            if _name(series) in gauges:
                _values[place] = 0.0
    _use(slots[_turns[index] % 2])
    _turns[index] += 1


def text() -> str:
    """Returns what all processes have counted, in Prometheus' text format."""
    counted: dict[str, float] = defaultdict(float)
    for begin in range(0, len(_memory), _SLOT):
        for place, series in _records(begin):
            counted[series] += _values[place]
    return "".join(f"{line}\n" for metric in METRICS for line in metric.lines(counted))


def _use(slot: int) -> None:
    global _begin
    _begin = slot * _SLOT
    for metric in METRICS:
        metric._places.clear()
        for values in metric.known if metric.labels else [()]:
            metric._places_of(values)


def _place(series: str) -> int:
    """Returns where the value of a series is; where a slot is full, the place of those that were dropped."""
    encoded, at = series.encode(), _begin
    for place, recorded in _records(_begin):
        if recorded == series:
            return place
        at = place * 8 - _VALUE + _RECORD
    if at >= _begin + _SLOT or len(encoded) >= _VALUE:
        return _place(DROPPED.name)
    _memory[at + 1 : at + 1 + len(encoded)] = encoded
    _memory[at] = len(encoded)
    return (at + _VALUE) // 8


def _records(begin: int) -> Iterable[tuple[int, str]]:
    """Yields the place of each value of a slot, and its series."""
    for at in range(begin, begin + _SLOT, _RECORD):
        if not (length := _memory[at]):
            return
        yield (at + _VALUE) // 8, _memory[at + 1 : at + 1 + length].decode()


def _series(name: str, pairs: list[str]) -> str:
    return f"{name}{{{','.join(pairs)}}}" if pairs else name


def _name(series: str) -> str:
    return series.partition("{")[0]


def _label(value: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.:-]", "_", value)[:_LABEL_LENGTH]


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(round(value, 6))


_ANSWERS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
_STATUSES = tuple((contract, status) for contract in logs.CONTRACTS for status in ("200", "500", "503"))
REQUESTS = Metric(
    "menpai_http_requests_total", "counter", "Answers by contract and status.", ("contract", "status"), known=_STATUSES
)
REQUEST_SECONDS = Metric(
    "menpai_http_request_seconds",
    "histogram",
    "Time from the end of a request's body to its answer, the wait for a thread included.",
    ("contract",),
    _ANSWERS,
)
EVENTS = Metric(
    "menpai_events_total",
    "counter",
    "Events and refusals of the audit trail, by what kind of sign-in, code or change, and by whom.",
    ("event", "kind", "by"),
)
REFUSALS = Metric("menpai_refusals_total", "counter", "Refusals of every contract, by their code.", ("code",))
HASHING_JOBS = Metric(
    "menpai_hashing_jobs",
    "gauge",
    "Passwords that are hashed or wait for it.",
    ("state",),
    known=(("running",), ("waiting",)),
)
HASHING_WAIT = Metric("menpai_hashing_wait_seconds", "summary", "Time for which passwords waited to be hashed.")
HASHING_REFUSED = Metric("menpai_hashing_refused_total", "counter", "Requests for which the hasher had no place.")
STATEMENTS = Metric("menpai_database_statement_seconds", "summary", "Statements of the database, and their time.")
STORE_CALLS = Metric("menpai_store_call_seconds", "summary", "Calls of the ephemeral store, and their time.")
STORE_FAILURES = Metric("menpai_store_failures_total", "counter", "Calls that the ephemeral store did not answer.")
MESSAGES = Metric(
    "menpai_messages_total", "counter", "Steps of messages that the worker has made.", ("channel", "state")
)
SPENT = Metric("menpai_sms_cost_yuan_total", "counter", "Prices of the SMS that a gateway took.", ("gateway",))
DROPPED = Metric("menpai_metrics_dropped_total", "counter", "Counts for which there was no room; should be 0.")
METRICS = (
    *(DROPPED, REQUESTS, REQUEST_SECONDS, EVENTS, REFUSALS, HASHING_JOBS, HASHING_WAIT, HASHING_REFUSED),
    *(STATEMENTS, STORE_CALLS, STORE_FAILURES, MESSAGES, SPENT),
)
_use(0)
