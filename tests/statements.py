"""Every compiled statement of the product: each registers itself when its module is imported."""

import importlib
import pkgutil

import menpai
from menpai.database.compiled import CompiledInsert, CompiledSelect, CompiledUpdate

NOT_IMPORTED = ("menpai.__main__", "menpai.migrations.", "menpai.passwords.common.make")  # they do something at once

for module in pkgutil.walk_packages(menpai.__path__, "menpai."):
    if not module.name.startswith(NOT_IMPORTED):
        importlib.import_module(module.name)

SELECTS, INSERTS, UPDATES = CompiledSelect.registered, CompiledInsert.registered, CompiledUpdate.registered
