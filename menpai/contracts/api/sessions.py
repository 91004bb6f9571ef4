"""Staying signed in, signing out."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from menpai import errors
from menpai.accounts import devices, login
from menpai.contracts.api import auth, schemas
from menpai.contracts.api.auth import signed_in
from menpai.contracts.api.ninja import operation
from menpai.sessions import tokens

router = Router(tags=["sign-in"])


@operation(router, "POST", "/sessions/refresh", (200, schemas.SignedIn), errors.NotSignedIn, signed_in=False)
def refresh(request: HttpRequest, response: HttpResponse, body: schemas.RefreshIn) -> schemas.SignedIn:
    """A new pair of tokens.

    The old refresh token is worthless afterwards; used again, it ends the session.
    """
    return auth.signed_in_response(request, response, login.SignInResult(*tokens.refresh(body.refresh_token)))


@operation(router, "DELETE", "/sessions/current", (204, None))
def sign_out(request: HttpRequest, response: HttpResponse) -> None:
    """Ends this session."""
    devices.sign_out(signed_in(request))
    if auth.by_cookie(request):
        auth.drop_cookie(response)
