"""The count of statements, and of the time that they take."""

from collections.abc import Callable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver

from menpai.environment import counters

timed = counters.STATEMENTS.timed


def _count(execute: Callable[..., Any], *arguments: Any) -> Any:
    with timed():
        return execute(*arguments)


@receiver(connection_created)
def _count_all(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if _count not in connection.execute_wrappers:
        connection.execute_wrappers.append(_count)
