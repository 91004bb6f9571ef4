"""Every endpoint of the contracts with fields that it understands: of /api from its OpenAPI document, of /v1 and /user
from their URL tables and FIELDS, which has a row for each view that takes a body.

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
NEW = {"password1": "new horse 77", "password2": "new horse 77"}
# View → the fields of its body.
FIELDS: dict[str, dict[str, Any]] = {
    "v1.views.register": {"uname": "wang", "password": PASSWORD, **NAMED},
    "v1.views.sign_in": {"username": "wang", "password": PASSWORD},
    "v1.views.send_registration_code": {"phone": "13800138000"},
    "v1.views.send_reset_code": {"email": "w@example.com"},
    "v1.views.verify_reset_code": {"email": "w@example.com", "code": "12345678"},
    "v1.views.set_new_password": {"email": "w@example.com", "password1": PASSWORD, "password2": PASSWORD},
    "v1.views.change_password": {"oldpassword": PASSWORD, **NEW},
    "v1.views.add_address": an_address_v1(),
    "v1.views.edit_address": an_address_v1(),
    "v1.views.set_default_address": {"id": "1"},
    "v1.weibo.register": {"uid": "x.y", "username": "wang", "password": PASSWORD, **NAMED},
    "v1.weibo.bind": {"uid": "x.y", "username": "wang", "password": PASSWORD},
    "user.views.register": {"mobile": "13800138000", "password": PASSWORD, "sms_code": "123456"},
    "user.views.sign_in": {"username": "wang", "password": PASSWORD},
    "user.captcha.check": {"challenge": "x.y", "answer": "12345"},
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

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def known(self) -> tuple[str, ...]:
        return tuple(self.schemas or self.fields)

    def url(self, name: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda hole: name if hole[1] == "name" else IN_PATHS.get(hole[1], "1"), self.path)

    def may_be(self, name: str, value: Any) -> bool:
        """A value of this type is understood; the published contracts take text, and whole numbers for an id."""
        if self.contract != API:
            return name == "id" and type(value) is int
        schema = self.schemas[name]
        kinds = [kind for part in schema.get("anyOf", [schema]) for kind in KINDS.get(part.get("type"), ())]
        return type(value) in kinds


def all_endpoints() -> list[Endpoint]:
    return [*_published(V1, urls.V1), *_published(USER, urls.USER), *_modern()]


def _published(contract: str, patterns: list[Any]) -> Iterator[Endpoint]:
    for pattern in patterns:
        views = inspect.getclosurevars(pattern.callback).nonlocals.get("views", {})
        for method, view in views.items():
            has_body = method in ("POST", "PUT", "PATCH")
            fields = FIELDS[f"{view.__module__.removeprefix('menpai.contracts.')}.{view.__name__}"] if has_body else {}
            yield Endpoint(contract, method, _path(contract, pattern.pattern.regex.pattern), set(views), fields)


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
            endpoint = Endpoint(API, method.upper(), path, methods)
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
