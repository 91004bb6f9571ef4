from django.apps import AppConfig


class MenpaiConfig(AppConfig):
    name = "menpai"
    verbose_name = "账户中心"

    def ready(self) -> None:
        from menpai import checks  # noqa: F401  (registers the start-up checks)
