from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from menpai.delivery import receipts


class Command(BaseCommand):
    help = "SMS: the addresses for the vendors' receipts (receipts)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        ways = parser.add_subparsers(dest="way", required=True, metavar="receipts")
        ways.add_parser("receipts", help="各通道的回执地址 · the address that each vendor is to send its receipts to")

    def handle(self, *_: Any, **__: Any) -> None:
        found = receipts.addresses()
        for gateway, address in found.items():
            self.stdout.write(f"{gateway}  {address}")
        if not found:
            self.stderr.write("没有会发回执的通道 · no configured gateway sends receipts")
