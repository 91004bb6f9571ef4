"""The WSGI application that `menpai run` and `menpai web` serve."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "menpai.settings")
application = get_wsgi_application()
