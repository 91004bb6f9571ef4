"""The luffy contract, `/user` and `/users`: real statuses, errors by field (luffy.md).

views     registration, sign-in, SMS codes
captcha   the captcha that its pages know
texts     the texts, and which refusal is answered with which
"""

from menpai.contracts.user import captcha, views
from menpai.contracts.user.views import on, unknown

__all__ = ["captcha", "on", "unknown", "views"]  # what is routed
