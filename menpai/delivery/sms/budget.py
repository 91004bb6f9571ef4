"""What may be spent on SMS in an hour and in a day (MENPAI_SMS_BUDGET_HOUR, …_DAY). The database decides.

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

from menpai import errors, identifiers, rules
from menpai.delivery.sms import prices
from menpai.integrations import alerts
from menpai.models import Spending

PROBLEM = "budget"  # of a message that waits for money
_LOOKED_AT = 1.0  # seconds: how old a request's idea of the budget may be; only the worker's has to be exact


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
    """No money for this. Whoever gets it must roll back."""

    def __init__(self, period: Period, *, known: bool) -> None:
        super().__init__(period.key)
        self.period, self.known = period, known


def periods(at: datetime) -> list[Period]:
    """Those that have a budget. The day first: whoever holds rows of an hour that is over and of the next, as a refusal
    and another try do, has gone through the day."""
    hour = timezone.localtime(at).replace(minute=0, second=0, microsecond=0)
    day = hour.replace(hour=0)
    found = []
    if settings.MENPAI_SMS_BUDGET_DAY is not None:
        ends = day + timedelta(days=1)
        found.append(Period("day", f"day {day:%Y-%m-%d}", ends, settings.MENPAI_SMS_BUDGET_DAY))
    if settings.MENPAI_SMS_BUDGET_HOUR is not None:
        ends = hour + timedelta(hours=1)
        found.append(Period("hour", f"hour {hour:%Y-%m-%dT%H}", ends, settings.MENPAI_SMS_BUDGET_HOUR))
    return found


# ── In the worker ──
def reserve(price: int, at: datetime, *, known: bool) -> None:
    """The last statement of the transaction that hands an SMS over: its rows are everybody's. Raises UsedUp."""
    limits = {one: one.most(known=known) for one in periods(at)} if price else {}
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
    """In the transaction that writes down that the gateway surely did not take it."""
    for period in periods(handed_at) if price else ():
        Spending.objects.filter(period=period.key, spent__gte=price).update(spent=F("spent") - price)


def alert_used_up(no: UsedUp) -> None:
    """Outside of the transaction that was rolled back: tell the operator."""
    whole = no.known or not rules.RESERVE_PERCENT
    _alert(alerts.BUDGET_USED_UP if whole else alerts.BUDGET_LOW, no.period)


def _add(price: int, most: dict[str, int]) -> dict[str, int]:
    """Period → what is spent in it now; without those that had no room."""
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
    """`12.50`, `0.045`: at least the fen, and no digit lost."""
    whole, rest = divmod(amount, 10**6)
    return f"{whole}.{f'{rest:06}'.rstrip('0').ljust(2, '0')}"


# ── From a request ──
_seen: tuple[float, tuple[str, ...], dict[str, int]] = (0.0, (), {})


def check(mobile: str, *, known: bool) -> None:
    """Before a code is made that could not be sent. A statement in a second, for all requests. Raises SendingPaused."""
    now = timezone.now()
    found = periods(now)
    if not found:
        return
    spent, price = _spent(tuple(one.key for one in found)), prices.cheapest(identifiers.region(mobile))
    ends = [one.ends for one in found if price and spent.get(one.key, 0) + price > one.most(known=known)]
    if ends:
        raise errors.SendingPaused(max(ends) - now)


def _spent(keys: tuple[str, ...]) -> dict[str, int]:
    global _seen
    until, of, found = _seen
    if time.monotonic() >= until or of != keys:
        found = dict(Spending.objects.filter(period__in=keys).values_list("period", "spent"))
        _seen = time.monotonic() + _LOOKED_AT, keys, found
    return found


def drop_before(moment: datetime) -> int:
    """Old hours and days; how many. Their keys are in the order of time."""
    local = timezone.localtime(moment)
    old = Spending.objects.filter(period__gt="day ", period__lt=f"day {local:%Y-%m-%d}").delete()[0]
    return old + Spending.objects.filter(period__gt="hour ", period__lt=f"hour {local:%Y-%m-%dT%H}").delete()[0]
