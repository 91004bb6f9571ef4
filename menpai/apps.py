"""Django's application: registers the start-up checks and the end of each `menpai migrate`."""

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate


class MenpaiConfig(AppConfig):
    name = "menpai"
    verbose_name = "账户中心"

    def ready(self) -> None:
        from menpai.database import statements  # noqa: F401  (counts them)

        if settings.MENPAI_MODE != "worker":  # checked before its start, and kept small
            from menpai.accounts import email_keys
            from menpai.addresses import made_up_codes
            from menpai.process import checks  # noqa: F401  (registers the start-up checks)

            post_migrate.connect(email_keys.renew_and_report, sender=self)
            post_migrate.connect(made_up_codes.map_all, sender=self)
