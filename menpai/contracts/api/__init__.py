"""The modern API: REST, real statuses, problem details, one OpenAPI document.

registrations   registration
activation      proof of an e-mail by a link
sign_in         sign-in by password or SMS code
sessions        refresh, sign-out
social          sign-in with providers
recovery        a forgotten password
me              the signed-in customer: profile, password, e-mail, mobile
addresses       the address book
snapshots       signed copies of addresses, for orders
address_parsing  pasted addresses
devices         sessions of the customer
activity        recent events of the account
regions         the regions of China
captcha         challenges and passes
auth            bearer tokens, and cookies of the pages
schemas         shapes of requests and responses
problems        problem details of refusals
problem_texts   status, code and texts of each refusal
ninja           how /api uses django-ninja
common          shared by the subjects: the Idempotency-Key and frequent refusals
"""

from importlib import import_module

from django.conf import settings

from menpai.contracts.api.ninja import Api

SUBJECTS = (  # in the order of the document
    "registrations",
    "sign_in",
    "sessions",
    "social",
    "recovery",
    "activation",
    "me",
    "devices",
    "activity",
    "addresses",
    "snapshots",
    "address_parsing",
    "regions",
    "captcha",
)

api = Api(
    title=f"{settings.MENPAI_BRAND_NAME} · Menpai",
    version="1",
    description=(
        "The customer account centre. Every error is an RFC 9457 problem with a stable `code`; its words follow "
        "`Accept-Language` (zh-CN, en). Browsers on our own origin sign in with `session: cookie`, everybody else "
        "gets an access token and a refresh token. A 503 may have been carried out all the same: repeat it, with the "
        "same `Idempotency-Key` where there is one, and nothing happens twice."
    ),
    urls_namespace="api",
)
for subject in SUBJECTS:
    api.add_router("", import_module(f"{__name__}.{subject}").router)
