"""Proving an e-mail: the two buttons behind the link, and the mail once more."""

from django.http import HttpRequest
from ninja import Router

from menpai import errors, rules
from menpai.accounts import activation
from menpai.contracts import request_context
from menpai.contracts.api import common, schemas
from menpai.contracts.api.auth import signed_in
from menpai.contracts.api.ninja import operation

router = Router(tags=["activation"])
LINK = (errors.ActivationMalformed, errors.ActivationExpired)


@operation(router, "POST", "/activation", (204, None), *LINK, signed_in=False)
def activate(request: HttpRequest, body: schemas.ActivationIn) -> None:
    """The same code again is a success."""
    activation.activate(body.code)


@operation(router, "POST", "/activation/refuse", (204, None), *LINK, signed_in=False)
def refuse(request: HttpRequest, body: schemas.ActivationIn) -> None:
    """ "Not me": the e-mail is taken off the account, whose sessions end."""
    activation.refuse(body.code)


@operation(
    router,
    "POST",
    "/activation/resend",
    (202, schemas.CodeSent),
    errors.NothingToActivate,
    *common.TOO_MANY_SENDS,
)
def send_again(request: HttpRequest) -> schemas.CodeSent:
    """A new mail; the link of the one before dies. `expires_in` is 0 where links live for ever."""
    activation.send_again(signed_in(request).id, request_context.client(request))
    return schemas.CodeSent(
        resend_after=int(rules.RESEND_AFTER.total_seconds()), expires_in=int(rules.ACTIVATION_LIFE.total_seconds())
    )
