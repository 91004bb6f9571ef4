"""Django's application, which registers the start-up checks."""

from django.apps import AppConfig
from django.conf import settings


class MenpaiConfig(AppConfig):
    name = "menpai"
    verbose_name = "账户中心"

    def ready(self) -> None:
        if settings.MENPAI_MODE != "worker":  # checked before its start, and kept small
            from menpai.process import checks  # noqa: F401  (registers the start-up checks)
