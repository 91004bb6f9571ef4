"""Where the customer is signed in."""

from dataclasses import asdict
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from menpai import errors
from menpai.accounts import devices
from menpai.contracts.api import schemas
from menpai.contracts.api.auth import signed_in
from menpai.contracts.api.ninja import operation
from menpai.sessions import step_up

router = Router(tags=["devices"])


@operation(router, "GET", "/me/sessions", (200, schemas.Devices))
def list_devices(request: HttpRequest) -> schemas.Devices:
    """This one first, then by when they were last seen."""
    signed_in_devices = devices.list_for(signed_in(request))
    return schemas.Devices(devices=[schemas.Device(**asdict(device)) for device in signed_in_devices])


@operation(router, "DELETE", "/me/sessions", (204, None), errors.StepUpRequired)
def end_other_devices(request: HttpRequest) -> None:
    """All but this one."""
    caller = signed_in(request)
    step_up.require(caller)
    devices.end_others(caller)


@operation(router, "DELETE", "/me/sessions/{uuid:device_id}", (204, None), errors.DeviceUnknown, errors.StepUpRequired)
def end_device(request: HttpRequest, device_id: UUID) -> None:
    caller = signed_in(request)
    if device_id != caller.session_id:
        step_up.require(caller)
    devices.end(caller, device_id)
