"""The activation page's three calls: activate, "not me", and the mail once more."""

from django.http import HttpRequest, HttpResponse

from menpai import activation
from menpai.contracts import bearer, body
from menpai.contracts.api.problems import endpoint


@endpoint
def activate(request: HttpRequest) -> HttpResponse:
    activation.activate(body.read(request).text("code") or "")
    return HttpResponse(status=204)


@endpoint
def refuse(request: HttpRequest) -> HttpResponse:
    activation.refuse(body.read(request).text("code") or "")
    return HttpResponse(status=204)


@endpoint
def send_again(request: HttpRequest) -> HttpResponse:
    caller = bearer.customer(request)
    activation.send_again(caller.id, bearer.client(request))
    return HttpResponse(status=202)
