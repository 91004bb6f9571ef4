"""For Celery's own tools: `celery -A menpai.celery inspect …`. `menpai worker` needs no other entry."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "menpai.settings")
django.setup()

from menpai.delivery import tasks  # noqa: E402  (needs the settings)

app = tasks.app()
