"""The jobs that are requests: `menpai web` and the reference in turn, some rounds each, medians."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from statistics import median

from bench import load, place, requests
from bench.load import Flow, Tally, percentile
from bench.place import Place
from bench.table import Line
from menpai import rules
from tests.rig.service import Service

CONNECTIONS, HASHING = 16, 4
GOOD, OK = b'"code":200', b'"message":"ok"'
BUSY = (b"429",)
HASH = (rules.ARGON2_MEMORY_KIB, rules.ARGON2_PASSES, rules.ARGON2_LANES)
# What the best rivals did a second, on a core that did so many argon2id a second (docs/performance.md).
RIVALS_HASHES = 48.0
RIVALS = {"list": ("Vendure", 610), "sms": ("better-auth", 1136), "recovery": ("PocketBase", 942)}


@dataclass
class Side:
    """One of the two, over its rounds."""

    rates: list[float] = field(default_factory=list)
    slowest: list[float] = field(default_factory=list)  # p99, ms
    per_core: list[float] = field(default_factory=list)  # answers for each second of processor time

    @property
    def rate(self) -> float:
        return median(self.rates)

    def __str__(self) -> str:
        spent = f" ({median(self.per_core):,.0f})" if self.per_core else ""
        return f"{self.rate:,.0f}/s{spent}, p99 {median(self.slowest):.1f} ms"


@dataclass(frozen=True)
class Job:
    name: str
    title: str
    make: requests.Make
    sign: bytes = GOOD
    share: float | None = None  # of the reference
    times_rival: float | None = None
    clean: str = ""  # SQL after each round
    leaves: str = ""  # SQL that counts what each answer must have left


ADD_CLEAN = f"DELETE FROM menpai_address WHERE id > {place.CUSTOMERS * 5}"
TOLD, NO_MESSAGES = "SELECT count(*) FROM menpai_message", "TRUNCATE menpai_message CASCADE"
JOBS = [
    Job("list", "address list", requests.addresses, share=0.55, times_rival=2.5),
    Job("add", "add an address", requests.new_address, share=0.45, clean=ADD_CLEAN),
    Job("default", "set the default address", requests.default_address, share=0.45),
    Job("check", "check a mobile", requests.free_mobile, sign=OK),
    Job(
        "sms",
        "ask for an SMS code",
        requests.sms_code,
        sign="短信发送成功".encode(),
        times_rival=1.5,
        clean=NO_MESSAGES,
        leaves=TOLD,
    ),
    Job(
        "recovery",
        "ask for a recovery code",
        requests.recovery_code,
        times_rival=1.5,
        clean=NO_MESSAGES,
        leaves=TOLD,
    ),
]


def compared(job: Job, here: Place) -> Iterator[Line]:
    ours, limit = Side(), Side()
    for _ in range(here.rounds):
        _round(job, here, ours, limit=False)
        _round(job, here, limit, limit=True)
    ratio, of_core = ours.rate / limit.rate, median(ours.per_core) / median(limit.per_core)
    wanted = f"≥ {job.share:.0%} of the reference" if job.share else "–"
    # By processor time too: the reference may wait for PostgreSQL while its core idles.
    met = min(ratio, of_core) >= job.share if job.share else None
    yield Line(job.title, str(ours), str(limit), f"{ratio:.0%} ({of_core:.0%})", wanted, met)
    if job.times_rival:
        name, there = RIVALS[job.name]
        rival = there * _scale(here)
        times = ours.rate / rival
        wanted = f"≥ {job.times_rival} × the best rival"
        result = f"{rival:,.0f}/s ({name}, scaled)"
        yield Line(
            f"…beside a rival: {job.title}",
            f"{ours.rate:,.0f}/s",
            result,
            f"{times:.1f} ×",
            wanted,
            times >= job.times_rival,
        )


def _scale(here: Place) -> float:
    """How this core, now, stands to the one where the rivals were measured."""
    return place.bare_hash(here.seconds, rules.HASH_NICENESS, HASH) / RIVALS_HASHES


def _round(job: Job, here: Place, side: Side, *, limit: bool) -> None:
    port = here.reference_port if limit else here.web_port
    process = here.reference_process if limit else here.web_worker
    flow = Flow(
        port,
        requests.each(job.make, here.customers, CONNECTIONS, limit=limit),
        GOOD if limit and job.sign != OK else job.sign,
    )
    used = place.cpu_seconds(process)
    tally = load.run(here.seconds, flow)[0]
    used = place.cpu_seconds(process) - used
    latencies = tally.served[job.name]
    side.rates.append(len(latencies) / here.seconds)
    side.slowest.append(percentile(latencies, 99) * 1000)
    side.per_core.append(tally.answers / used)
    who, busy = "reference" if limit else "menpai", used / (here.seconds + load.WARM_UP)
    print(f"  {job.name:10} {who:10} {side.rates[-1]:8,.0f}/s  core {busy:4.0%} busy", flush=True)
    if job.leaves:
        assert here.ask(job.leaves) >= len(latencies), "fewer rows than answers"
    if job.clean:
        here.ask(job.clean)
    here.forget()


# ── Hashing ──
def hashing(name: str, title: str, make: requests.Make, here: Place) -> Iterator[Line]:
    ours, bare = Side(), Side()
    for _ in range(here.rounds):
        tally = load.run(here.seconds, Flow(here.web_port, requests.each(make, here.customers, HASHING), GOOD))[0]
        ours.rates.append(tally.rate(name))
        ours.slowest.append(percentile(tally.served[name], 99) * 1000)
        bare.rates.append(place.bare_hash(here.seconds, rules.HASH_NICENESS, HASH))
        print(f"  {name:10} menpai {ours.rates[-1]:6.1f}/s   bare argon2id {bare.rates[-1]:6.1f}/s", flush=True)
    ratio = ours.rate / bare.rate
    result = f"{ours.rate:.1f}/s, p99 {median(ours.slowest):.0f} ms"
    yield Line(
        title, result, f"{bare.rate:.1f}/s (bare argon2id)", f"{ratio:.0%}", "≥ 95 % of bare argon2id", ratio >= 0.95
    )


def two_cores(here: Place) -> Iterator[Line]:
    """Logins with one worker on one core, and with two on both."""
    one, two = Side(), Side()
    with (
        place.on_core(place.MEASURED, place.LOAD),
        Service("web", here.environment | {"MENPAI_WORKERS": "2"}) as both,
    ):
        for _ in range(here.rounds):
            for port, side in ((here.web_port, one), (both.port, two)):
                flow = Flow(port, requests.each(requests.login, here.customers, HASHING * 2), GOOD, refusals=BUSY)
                side.rates.append(load.run(here.seconds, flow)[0].rate("login"))
            print(f"  two cores  {one.rates[-1]:6.1f}/s → {two.rates[-1]:6.1f}/s", flush=True)
    ratio = two.rate / one.rate
    yield Line(
        "login on two cores", f"{two.rate:.1f}/s", f"{one.rate:.1f}/s on one", f"{ratio:.2f} ×", "≥ 1.8 ×", ratio >= 1.8
    )


# ── Reads beside hashing ──
def storm(here: Place) -> Iterator[Line]:
    """Reads alone, in the 199 : 1 mix, and beside logins from 16 connections that never pause."""
    idle, mixed, stormy = Side(), Side(), Side()
    logins: list[Tally] = []
    for _ in range(here.rounds):
        for side, make in ((idle, requests.addresses), (mixed, requests.mix)):
            flow = Flow(here.web_port, requests.each(make, here.customers, CONNECTIONS), GOOD, refusals=BUSY)
            _note_reads(side, load.run(here.seconds, flow)[0])
        flows = [
            Flow(here.web_port, requests.each(make, here.customers, CONNECTIONS), GOOD, refusals=refusals)
            for make, refusals in ((requests.addresses, ()), (requests.login, BUSY))
        ]
        tallies = load.run(here.seconds, *flows)
        _note_reads(stormy, tallies[0])
        logins.append(tallies[1])
        result = f"{logins[-1].rate('login'):.0f} logins/s, {len(logins[-1].busy) / here.seconds:.0f} × 429/s"
        p99 = "  ".join(f"{side.slowest[-1]:.1f}" for side in (idle, mixed, stormy))
        print(f"  storm      p99 of reads, ms: alone, in the mix, in the storm  {p99}   {result}", flush=True)
    yield from _beside("in the 199 : 1 mix", idle, mixed)
    yield from _beside("in a login storm", idle, stormy)
    yield _surplus(logins)


def _note_reads(side: Side, tally: Tally) -> None:
    side.rates.append(tally.rate("list"))
    side.slowest.append(percentile(tally.served["list"], 99) * 1000)


def _beside(label: str, idle: Side, other: Side) -> Iterator[Line]:
    ratio = median(other.slowest) / median(idle.slowest)
    yield Line(
        f"address list {label}", str(other), f"{idle} (alone)", f"p99 × {ratio:.1f}", "p99 ≤ 2 × alone", ratio <= 2
    )


def _surplus(logins: list[Tally]) -> Line:
    busy = [latency for tally in logins for latency in tally.busy]
    served = sum(len(tally.served["login"]) for tally in logins)
    slowest = percentile(busy, 99) * 1000
    share = len(busy) / max(1, len(busy) + served)
    seconds = sum(tally.seconds for tally in logins)
    result = f"p50 {percentile(busy, 50) * 1000:.1f} ms, p99 {slowest:.1f} ms; {share:.0%} of all"
    result += f", {served / seconds:.0f} logins/s served"
    return Line("surplus logins: 429", result, target="in < 50 ms", met=slowest < 50)


RUN: dict[str, Callable[[Place], Iterator[Line]]] = {
    **{job.name: partial(compared, job) for job in JOBS},
    "login": partial(hashing, "login", "login", requests.login),
    "register": partial(hashing, "register", "register", requests.registration),
    "cores": two_cores,
    "storm": storm,
}
