"""The modern API: REST, real statuses, problem details, one OpenAPI document."""

from django.conf import settings

from menpai.contracts.api import (
    activation,
    activity,
    addresses,
    captcha,
    devices,
    me,
    recovery,
    registrations,
    sessions,
    social,
)
from menpai.contracts.api.ninja import Api

api = Api(
    title=f"{settings.MENPAI_BRAND_NAME} · Menpai",
    version="1",
    description=(
        "The customer account centre. Every error is an RFC 9457 problem with a stable `code`; its words follow "
        "`Accept-Language` (zh-CN, en). Browsers on our own origin sign in with `session: cookie`, everybody else "
        "gets an access token and a refresh token."
    ),
    urls_namespace="api",
)
for subject in (
    registrations,
    sessions,
    social,
    recovery,
    activation,
    me,
    devices,
    activity,
    addresses,
    captcha,
):
    api.add_router("", subject.router)
