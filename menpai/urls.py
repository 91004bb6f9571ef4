"""Every URL: path → method → function. A trailing slash makes no difference and never redirects."""

import re
from collections.abc import Iterator
from functools import cache

from django.contrib import admin
from django.urls import ResolverMatch, URLPattern, URLResolver, path, re_path, resolve
from django.views.generic import RedirectView

from menpai.admin import accounts
from menpai.contracts import endpoints, health, sms_receipts, user, v1
from menpai.contracts.api import api, problems
from menpai.pages import dev_consent, dev_mailbox, shell
from menpai.staff import second_factor_pages

NAME = r"(?P<name>[^/]+)"
ADDRESS_ID = r"(?P<address_id>[^/]+)"
MOBILE = r"(?P<mobile>[^/]+)"
RECEIPTS = r"receipts/(?P<gateway>\w+)/(?P<secret>\w+)"


def at(pattern: str, view: endpoints.View) -> URLPattern:
    # \Z, not $: a path that ends in a line break is another path.
    return re_path(rf"^{pattern}/?\Z", view)


V1 = [
    # the address book first: it is read most often
    at(rf"v1/users/{NAME}/address", v1.on(GET=v1.addresses.list_addresses, POST=v1.addresses.add_address)),
    at(rf"v1/users/{NAME}/address/default", v1.on(POST=v1.addresses.set_default_address)),
    at(rf"v1/users/address/{NAME}/default", v1.on(POST=v1.addresses.set_default_address)),
    at(
        rf"v1/users/{NAME}/address/{ADDRESS_ID}",
        v1.on(PUT=v1.addresses.edit_address, DELETE=v1.addresses.remove_address),
    ),
    at(r"v1/tokens", v1.on(POST=v1.account.sign_in)),
    at(r"v1/users/login", v1.on(POST=v1.account.sign_in)),
    at(r"v1/users", v1.on(POST=v1.account.register)),
    at(r"v1/users/register", v1.on(POST=v1.account.register)),
    at(r"v1/users?/(?:activation|active)", v1.on(GET=v1.account.activate)),
    at(r"v1/users/sms/code", v1.on(POST=v1.account.send_registration_code)),
    at(r"v1/users/password/sms", v1.on(POST=v1.password.send_reset_code)),
    at(r"v1/users/password/verification", v1.on(POST=v1.password.verify_reset_code)),
    at(r"v1/users/password/new", v1.on(POST=v1.password.set_new_password)),
    at(r"v1/users/weibo/authorization", v1.on(GET=v1.weibo.authorization)),
    at(r"v1/users/weibo/users", v1.on(GET=v1.weibo.come_back, POST=v1.weibo.register)),
    at(r"v1/users/weibo/users/binduser", v1.on(POST=v1.weibo.bind)),
    at(rf"v1/users?/{NAME}/password", v1.on(POST=v1.password.change_password)),
    re_path(r"^v1(?:/|\Z)", v1.unknown),
]

USER = [
    at(r"users?/login", user.on(POST=user.views.sign_in, GET=shell.redirect_published)),
    at(rf"users?/mobile/{MOBILE}", user.on(GET=user.views.check_mobile)),
    at(r"users?/authorizations", user.on(POST=user.views.sign_in)),  # two public forks
    at(r"users?/captcha", user.on(GET=user.captcha.show, POST=user.captcha.check)),
    at(r"users?/sms/valid", user.on(GET=user.views.check_or_send_code)),
    at(rf"users?/sms/{MOBILE}", user.on(GET=user.views.send_registration_code)),
    at(r"users?(?:/register|/reg)?", user.on(POST=user.views.register)),
    re_path(r"^users?(?:/|\Z)", user.unknown),
]

API: list[URLPattern | URLResolver] = [
    path("api/", api.urls),  # contracts/api/<subject>.py
    re_path(r"^api(?:/|\Z)", problems.unknown),
]

PAGES: list[URLPattern | URLResolver] = [
    *(at(address.removeprefix("/"), shell.show) for address in shell.PAGES),
    at(r"(?:html|dadashop)/templates/(?P<name>\w+\.html)", shell.redirect_published),
    re_path(r"^static/app/(?P<name>[\w.-]+)\Z", shell.file),
    re_path(r"^static/(?P<release>[0-9a-f]{12})/(?P<name>[\w.-]+(?:/[\w.-]+)*)\Z", shell.package_file),
    path("brand.css", shell.brand_css),
    at(r"livez", health.livez),
    at(r"readyz", health.readyz),
    at(r"\.well-known/jwks\.json", health.jwks),
    at(r"\.well-known/snapshots/jwks\.json", health.snapshot_jwks),
    at(RECEIPTS, sms_receipts.on(POST=sms_receipts.take)),
    at(r"dev/mailbox", dev_mailbox.page),
    at(r"dev/mailbox\.json", dev_mailbox.messages),
    at(r"dev/consent", dev_consent.page),
]

STAFF: list[URLPattern | URLResolver] = [
    path("admin", RedirectView.as_view(url="/admin/")),
    *second_factor_pages.URLS,
    path("admin/password_change/", admin.site.admin_view(accounts.change_own_password)),
    path("admin/", admin.site.urls),
]

urlpatterns: list[URLPattern | URLResolver] = [*V1, *USER, *API, *PAGES, *STAFF, re_path(r"", shell.not_found)]
handler404 = shell.not_found


@cache
def exact_matches() -> dict[str, ResolverMatch]:
    """path → what Django finds for it, of every path of a contract or page without parameters.

    Looking one up costs nothing; going through the patterns costs 70 to 120 µs.
    """
    paths = [f"/{text}" for text in _without_parameters([*V1, *USER, *API, *PAGES])]
    return {path: resolve(path) for text in paths for path in (text, f"{text}/")}


def _without_parameters(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        text = before + str(pattern.pattern).removeprefix("^").removesuffix(r"/?\Z").replace(r"\.", ".")
        if isinstance(pattern, URLResolver):
            yield from _without_parameters(pattern.url_patterns, text)
        elif re.fullmatch(r"[\w./-]+", text):
            yield text
