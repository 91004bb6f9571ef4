"""The ephemeral store in the database, for the embedded run. Every verb commits by itself."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q

from menpai import errors
from menpai.ephemeral import Exceeded, Guess, Window
from menpai.models import EphemeralSecret, EphemeralWindow


@contextmanager
def _committed() -> Iterator[None]:
    """A transaction of its own: what is counted stays counted, whatever becomes of the caller's work."""
    try:
        with transaction.atomic(durable=True):
            yield
    except (OperationalError, InterfaceError) as away:
        raise errors.StoreUnavailable from away


class SqlStore:
    def put(
        self,
        key: str,
        secrets: Mapping[str, str],
        *,
        life: timedelta,
        tries: int | None = None,
        keep_tries: bool = False,
    ) -> bool:
        now = time.time()
        with _committed():
            EphemeralSecret.objects.bulk_create([EphemeralSecret(key=key)], ignore_conflicts=True)
            row = EphemeralSecret.objects.select_for_update().get(key=key)
            if not (keep_tries and row.tries_until > now):
                row.tries, row.tries_until = 0, now + life.total_seconds()
            elif tries is not None and row.tries >= tries:
                return False
            row.secrets = dict(secrets)
            row.expires_at = now + life.total_seconds() if life else None
            row.save()
        return True

    def guess(self, key: str, secret: str, *, tries: int | None = None, count_right: bool = False) -> Guess:
        with _committed():
            row = EphemeralSecret.objects.select_for_update().filter(key=key).first()
            if row is None or (row.expires_at is not None and row.expires_at <= time.time()):
                return Guess("gone")
            if tries is not None and row.tries >= tries:
                return Guess("gone")
            subject = row.secrets.get(secret)
            if tries is not None and (subject is None or count_right):
                row.tries += 1
                row.save(update_fields=["tries"])
        return Guess("wrong") if subject is None else Guess("right", subject)

    def drop(self, key: str, secret: str) -> None:
        with _committed():
            row = EphemeralSecret.objects.select_for_update().filter(key=key).first()
            if row and row.secrets.pop(secret, None) is not None:
                row.save(update_fields=["secrets"])

    def count(self, windows: Sequence[Window]) -> Exceeded | None:
        now = time.time()
        names = sorted({window.key for window in windows})
        with _committed():
            EphemeralWindow.objects.bulk_create(
                [EphemeralWindow(key=name, expires_at=now) for name in names], ignore_conflicts=True
            )
            rows = {
                row.key: row
                for row in EphemeralWindow.objects.select_for_update().filter(key__in=names).order_by("key")
            }
            full = [
                (index, wait)
                for index, window in enumerate(windows)
                if (wait := _wait(rows[window.key].stamps, window, now)) > 0
            ]
            if full:
                return Exceeded(full[0][0], timedelta(seconds=max(wait for _, wait in full)))
            for window in windows:
                row, longest = rows[window.key], max(limit.span.total_seconds() for limit in window.limits)
                row.stamps = [stamp for stamp in row.stamps if stamp > now - longest] + [now]
                row.expires_at = now + longest
                row.save()
        return None

    def pause(self, key: str, life: timedelta) -> None:
        with _committed():
            EphemeralSecret.objects.update_or_create(
                key="pause:" + key, defaults={"expires_at": time.time() + life.total_seconds()}
            )

    def paused(self, keys: Sequence[str]) -> list[bool]:
        names = ["pause:" + key for key in keys]
        with _committed():
            found = set(
                EphemeralSecret.objects.filter(key__in=names, expires_at__gt=time.time()).values_list("key", flat=True)
            )
        return [name in found for name in names]

    def ping(self) -> None:
        with _committed():
            EphemeralSecret.objects.filter(key="").exists()

    def sweep(self) -> int:
        now = time.time()
        with _committed():
            secrets, _ = EphemeralSecret.objects.filter(Q(expires_at__lte=now) & Q(tries_until__lte=now)).delete()
            windows, _ = EphemeralWindow.objects.filter(expires_at__lte=now).delete()
        return secrets + windows


def _wait(stamps: list[float], window: Window, now: float) -> float:
    """Seconds until every limit of the window has room; 0 when they have."""
    waits = [0.0]
    for limit in window.limits:
        inside = [stamp for stamp in stamps if stamp > now - limit.span.total_seconds()]
        if len(inside) >= limit.many:
            waits.append(max(0.001, inside[-limit.many] + limit.span.total_seconds() - now if limit.many else 1.0))
    return max(waits)
