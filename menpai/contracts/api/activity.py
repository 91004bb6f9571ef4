"""Recent events of the customer's account."""

from dataclasses import asdict
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router

from menpai import errors
from menpai.accounts import activity
from menpai.contracts.api import schemas
from menpai.contracts.api.auth import signed_in
from menpai.contracts.api.ninja import operation

router = Router(tags=["devices"])
Before = Annotated[int | None, Query(None, ge=0, lt=2**63, description="The `before` of the page that came first.")]


@operation(router, "GET", "/me/activity", (200, schemas.Activities), errors.FieldsInvalid)
def list_activity(request: HttpRequest, before: Before = None) -> schemas.Activities:
    """Sign-ins, changes of the account and signed-out devices, newest first, page by page."""
    return schemas.Activities(**asdict(activity.list_for(signed_in(request), before)))
