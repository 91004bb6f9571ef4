"""The `menpai import addresses` command: the addresses of imported customers (docs/importing.md)."""

from menpai.accounts.importing import addresses, columns
from menpai.management.commands import import_customers


class Command(import_customers.Command):
    help = "导入其他系统的地址 · Import addresses of another system."
    headers = columns.ADDRESSES
    left_out = "没有区划代码的地址 addresses without a region code"
    run = staticmethod(addresses.run)
