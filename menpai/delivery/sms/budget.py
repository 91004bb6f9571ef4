"""The budget for SMS in an hour and in a day (MENPAI_SMS_BUDGET_HOUR, …_DAY). The database decides.

Money is reserved in the transaction that hands a message over, and given back in the one that says the gateway refused
it: whatever crashes or races, what is spent is the sum of the prices of what was handed over. One statement adds to the
day and the hour; where one of them has no room it is rolled back.

A part is kept for browsers in which somebody signed in before, as in send_limits.py: an attack must not cost customers
their codes.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone

from menpai import audit, errors, identifiers, rules
from menpai.delivery.sms import prices
from menpai.integrations import alerts
from menpai.models import Spending

PROBLEM = "budget"  # of a message that waits for money
_LOOKED_AT = 1.0  # seconds for which a request may use an earlier reading; only the worker must be exact


@dataclass(frozen=True)
class Period:
    """An hour or a day with a budget, in millionths of a yuan."""

    name: str
    key: str
    ends: datetime
    budget: int

    def most(self, *, known: bool) -> int:
        return self.budget if known else self.budget * (100 - rules.RESERVE_PERCENT) // 100


class UsedUp(Exception):
    """The budget has no room for this SMS; the transaction must be rolled back."""

    def __init__(self, period: Period, *, known: bool) -> None:
        super().__init__(period.key)
        self.period, self.known = period, known


def periods(at: datetime) -> list[Period]:
    """Those that have a budget.

    The day first: a transaction that holds rows of an hour that is over and of the next, as a refusal and another try
    do, has gone through the day.
    """
    hour = timezone.localtime(at).replace(minute=0, second=0, microsecond=0)
    day = hour.replace(hour=0)
    running = []
    if settings.MENPAI_SMS_BUDGET_DAY is not None:
        ends = day + timedelta(days=1)
        running.append(Period("day", f"day {day:%Y-%m-%d}", ends, settings.MENPAI_SMS_BUDGET_DAY))
    if settings.MENPAI_SMS_BUDGET_HOUR is not None:
        ends = hour + timedelta(hours=1)
        running.append(Period("hour", f"hour {hour:%Y-%m-%dT%H}", ends, settings.MENPAI_SMS_BUDGET_HOUR))
    return running


# ── In the worker ──
def reserve(price: int, at: datetime, *, known: bool) -> None:
    """Reserve the price of an SMS, last in the transaction that hands it over.

    Last, because all workers lock these rows. Raises UsedUp.
    """
    limits = {period: period.most(known=known) for period in periods(at)} if price else {}
    for period, most in limits.items():
        if price > most:  # the statement below looks at what is there already
            raise UsedUp(period, known=known)
    if not limits:
        return
    spent = _add(price, {period.key: most for period, most in limits.items()})
    for period in limits:
        if period.key not in spent:
            raise UsedUp(period, known=known)
        low = period.budget * rules.BUDGET_LOW_PERCENT // 100
        if spent[period.key] - price < low <= spent[period.key]:
            _alert(alerts.BUDGET_LOW, period)


def give_back(price: int, handed_at: datetime) -> None:
    """Release the price, in the transaction that records that the gateway did not accept the SMS."""
    for period in periods(handed_at) if price else ():
        Spending.objects.filter(period=period.key, spent__gte=price).update(spent=F("spent") - price)


def alert_used_up(refusal: UsedUp) -> None:
    """Alert the operator, outside the transaction that was rolled back."""
    whole = refusal.known or not rules.RESERVE_PERCENT
    _alert(alerts.BUDGET_USED_UP if whole else alerts.BUDGET_LOW, refusal.period)


def _add(price: int, most: dict[str, int]) -> dict[str, int]:
    """Period → the amount spent in it, without the periods that had no room."""
    rows, cases = ", ".join(["(%s, %s)"] * len(most)), " ".join(["WHEN %s THEN %s"] * len(most))
    bounds = [part for pair in most.items() for part in pair]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO menpai_spending (period, spent) VALUES {rows} ON CONFLICT (period) DO UPDATE"  # noqa: S608
            " SET spent = menpai_spending.spent + excluded.spent"
            f" WHERE menpai_spending.spent + excluded.spent <= CASE excluded.period {cases} END"
            " RETURNING period, spent",
            [part for period in most for part in (period, price)] + bounds,
        )
        return dict(cursor.fetchall())


def _alert(event: str, period: Period) -> None:
    alerts.raise_alert(event, period.name, period=period.key, budget=yuan(period.budget), ends=period.ends.isoformat())


def yuan(amount: int) -> str:
    """`12.50`, `0.045`: at least to the fen, and exact."""
    whole, rest = divmod(amount, 10**6)
    return f"{whole}.{f'{rest:06}'.rstrip('0').ljust(2, '0')}"


# ── From a request ──
_seen: tuple[float, tuple[str, ...], dict[str, int]] = (0.0, (), {})


def check(mobile: str, *, known: bool) -> None:
    """Refuse a code that could not be sent; one statement a second for all requests. Raises SendingPaused."""
    now = timezone.now()
    running = periods(now)
    if not running:
        return
    spent, price = _spent(tuple(period.key for period in running)), prices.cheapest(identifiers.region(mobile))
    ends = [period.ends for period in running if price and spent.get(period.key, 0) + price > period.most(known=known)]
    if ends:
        refusal = errors.SendingPaused(max(ends) - now)
        refusal.subject = audit.subject(mobile)  # so that staff can tell why no code came
        raise refusal


def _spent(keys: tuple[str, ...]) -> dict[str, int]:
    global _seen
    until, of, spent = _seen
    if time.monotonic() >= until or of != keys:
        spent = dict(Spending.objects.filter(period__in=keys).values_list("period", "spent"))
        _seen = time.monotonic() + _LOOKED_AT, keys, spent
    return spent


def drop_before(moment: datetime) -> int:
    """Delete old hours and days; returns how many. Their keys sort by time."""
    local = timezone.localtime(moment)
    old = Spending.objects.filter(period__gt="day ", period__lt=f"day {local:%Y-%m-%d}").delete()[0]
    return old + Spending.objects.filter(period__gt="hour ", period__lt=f"hour {local:%Y-%m-%dT%H}").delete()[0]
