from typing import Any

from django.core.management.base import BaseCommand

from menpai.worker import retention


class Command(BaseCommand):
    help = "Expire, blank and delete what is past its time. The worker does this by itself, every minute."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{retention.sweep()} swept")
