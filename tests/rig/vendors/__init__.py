"""The vendors' fakes, one a file, found by their names; tests/rig/gateway.py has what they share."""

from importlib import import_module
from pkgutil import iter_modules

from tests.rig.gateway import Fake


def _fake_in(name: str) -> type[Fake]:
    module = import_module(f"{__name__}.{name}")
    (kind,) = (fake for fake in Fake.__subclasses__() if fake.__module__ == module.__name__)
    return kind


FAKES = tuple(_fake_in(module.name) for module in iter_modules(__path__))
