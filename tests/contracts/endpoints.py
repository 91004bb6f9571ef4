"""Every endpoint of the contracts with fields that it understands: of /api from its OpenAPI document, of /v1 and /user
from their URL tables and FIELDS, which has a row for each that takes a body.

Sent as they stand the fields are refused, or change nothing: there is no such customer, code or ticket.
"""

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from menpai import urls
from menpai.contracts.api import api
from tests.customers import PASSWORD, an_address, an_address_v1

V1, USER, API = "/v1", "/user", "/api"
NAMED = {"email": "w@example.com", "phone": "13800138000"}
CREDENTIALS = {"username": "wang", "password": PASSWORD}
REGISTRATION = {"uname": "wang", "password": PASSWORD, **NAMED}
# The published endpoints that take a body → its fields.
FIELDS: dict[str, dict[str, Any]] = {
    "POST /v1/users": REGISTRATION,
    "POST /v1/users/register": REGISTRATION,
    "POST /v1/tokens": CREDENTIALS,
    "POST /v1/users/login": CREDENTIALS,
    "POST /v1/users/sms/code": {"phone": "13800138000"},
    "POST /v1/users/password/sms": {"email": "w@example.com"},
    "POST /v1/users/password/verification": {"email": "w@example.com", "code": "12345678"},
    "POST /v1/users/password/new": {"email": "w@example.com", "password1": PASSWORD, "password2": PASSWORD},
    "POST /v1/users/{name}/password": {
        "oldpassword": PASSWORD,
        "password1": "new horse 77",
        "password2": "new horse 77",
    },
    "POST /v1/users/{name}/address": an_address_v1(),
    "PUT /v1/users/{name}/address/{address_id}": an_address_v1(),
    "POST /v1/users/{name}/address/default": {"id": "1"},
    "POST /v1/users/address/{name}/default": {"id": "1"},
    "POST /v1/users/weibo/users": {"uid": "x.y", **CREDENTIALS, **NAMED},
    "POST /v1/users/weibo/users/binduser": {"uid": "x.y", **CREDENTIALS},
    "POST /user/register/": {"mobile": "13800138000", "password": PASSWORD, "sms_code": "123456"},
    "POST /user/login/": CREDENTIALS,
    "POST /user/authorizations/": CREDENTIALS,
    "POST /user/captcha/": {"challenge": "x.y", "answer": "12345"},
}
# Fields of /api whose text has a form; any other that is required gets what its schema asks for.
TEXTS: dict[str, str] = {name: text for name, text in an_address().items() if name != "postcode"} | {
    "mobile": "13800138000",
    "email": "w@example.com",
    "target": "w@example.com",
    "name": "wang",
    "username": "wang",
    "code": "123456",
    "password": PASSWORD,
    "password2": PASSWORD,
    "old_password": PASSWORD,
    "ticket": "x.y",
    "terms_version": "2026-11",
    "language": "en",
}
DIGITS = ("id", "phone", "mobile", "receiver_phone", "sms_code", "verify", "code")
IN_PATHS = {"provider": "weibo", "mobile": "13800138000", "device_id": "0197a3c0-0000-7000-8000-000000000000"}
KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


@dataclass
class Endpoint:
    contract: str
    method: str
    path: str
    methods: set[str]  # all that the path has
    fields: dict[str, Any] = field(default_factory=dict)
    schemas: dict[str, Any] = field(default_factory=dict)  # of /api: name → JSON schema
    required: tuple[str, ...] = ()
    signed_in: bool = False  # only for who is

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def known(self) -> tuple[str, ...]:
        return tuple(self.schemas or self.fields)

    def url(self, name: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda hole: name if hole[1] == "name" else IN_PATHS.get(hole[1], "1"), self.path)

    def may_be(self, name: str, value: Any) -> bool:
        """A value of this type is understood; the published contracts take text, and whole numbers for digits."""
        if self.contract != API:
            return name in DIGITS and type(value) is int
        schema = self.schemas[name]
        kinds = [kind for part in schema.get("anyOf", [schema]) for kind in KINDS.get(part.get("type"), ())]
        return type(value) in kinds


def all_endpoints() -> list[Endpoint]:
    return [*_published(V1, urls.V1), *_published(USER, urls.USER), *_modern()]


def _published(contract: str, patterns: list[Any]) -> Iterator[Endpoint]:
    for pattern in patterns:
        views = inspect.getclosurevars(pattern.callback).nonlocals.get("views", {})
        for method in views:
            endpoint = Endpoint(contract, method, _path(contract, pattern.pattern.regex.pattern), set(views))
            endpoint.signed_in = "{name}" in endpoint.path
            if method in ("POST", "PUT", "PATCH"):
                endpoint.fields = FIELDS[str(endpoint)]
            yield endpoint


def _path(contract: str, regex: str) -> str:
    """One of the paths that lead there, spelled as published: `/v1/users/…`, `/user/…/`."""
    path = regex.removeprefix("^").removesuffix(r"/?\Z").replace("users?", "users" if contract == V1 else "user")
    path = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", path)
    path = re.sub(r"\(\?:([^|)]*)[^)]*\)\??", r"\1", path)
    return f"/{path}/" if contract == USER else f"/{path}"


def _modern() -> Iterator[Endpoint]:
    document = api.get_openapi_schema()
    for path, operations in document["paths"].items():
        methods = {method.upper() for method in operations}
        for method, operation in operations.items():
            endpoint = Endpoint(API, method.upper(), path, methods, signed_in="security" in operation)
            if "requestBody" in operation:
                reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
                schema = document["components"]["schemas"][reference.rpartition("/")[2]]
                endpoint.schemas, endpoint.required = schema["properties"], tuple(schema.get("required", ()))
                endpoint.fields = _fields(endpoint)
            yield endpoint


def _fields(endpoint: Endpoint) -> dict[str, Any]:
    found = {}
    for name, schema in endpoint.schemas.items():
        if name in TEXTS:
            found[name] = TEXTS[name]
        elif name in endpoint.required or len(endpoint.schemas) == 1:
            found[name] = _value(schema)
    return found


def _value(schema: dict[str, Any]) -> Any:
    schema = schema.get("anyOf", [schema])[0]
    if "enum" in schema:
        return schema["enum"][0]
    return {"string": "x", "boolean": True, "integer": 1, "number": 1, "array": [], "object": {}}[schema["type"]]
