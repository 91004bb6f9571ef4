"""Bad input of every kind gets the contract's error: JSON, never a 5xx, and nothing is stored in part.

The endpoints come from the contracts themselves (endpoints.py): a new one gets every kind of bad input.
"""

import json

import pytest
from django.apps import apps

from menpai import rules
from tests.contracts.endpoints import API, USER, V1, Endpoint, all_endpoints
from tests.customers import PASSWORD, an_address_v1, somebody
from tests.no_limits import lift_limits, wandering

ENDPOINTS = {str(endpoint): endpoint for endpoint in all_endpoints()}
WITH_FIELDS = {name: endpoint for name, endpoint in ENDPOINTS.items() if endpoint.fields}
OF_API = {name: endpoint for name, endpoint in WITH_FIELDS.items() if endpoint.contract == API}
# Endpoints that need no field, and how they refuse a body whose fields they do not know.
NEEDS_NO_FIELD = {"POST /api/me/addresses/{address_id}/restore": "address_unknown"}

BROKEN = {
    "empty": b"",
    "no json": b"hello",
    "half": b'{"username": "a"',
    "an array": b"[]",
    "an array of objects": b'[{"username": "a"}]',
    "a string": b'"x"',
    "null": b"null",
    "a number": b"1",
    "trailing": b'{"username": "a"} x',
    "not utf-8": b'{"username": "\xff\xfe"}',
    "utf-16": '{"username": "a"}'.encode("utf-16"),
    "a key twice": b'{"username": "a", "username": "b"}',
    "a key twice in two cases": b'{"username": "a", "USERNAME": "b"}',
    "a key twice inside": b'{"cart": [{"a": 1, "a": 2}]}',
    "nan": b'{"username": NaN}',
    "infinity": b'{"username": -Infinity}',
    "a huge number": b'{"username": ' + b"9" * 5000 + b"}",
    "nul": b'{"username": "a\\u0000b"}',
    "a lone surrogate": b'{"username": "\\ud800"}',
    "a lone surrogate as key": b'{"\\udfff": "a"}',
    "too deep": b'{"a":' * 9 + b"1" + b"}" * 9,
    "far too deep": b'{"a":' + b"[" * 8000 + b"]" * 8000 + b"}",
    "too many fields": json.dumps({f"f{n}": "x" for n in range(51)}).encode(),
}


WRONG_TYPES = (True, False, 1.5, 1.0, [], ["x"], {}, {"x": "y"}, [[]], 13800138000)
# With more than such characters it is text, which test_normalization.py follows.
DECEIVING = ("\u202e", "a\x01b", "a\x7fb", "\u200b", "\ufeff", "<b>", "\U000e0001")
ANY_TEXT = {"POST /api/addresses/parse", "POST /api/addresses/parse/batch"}  # they read it and keep nothing
LONGER_BODIES = {"POST /api/addresses/parse/batch": rules.BATCH_BYTES}
METHODS = {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"}


@pytest.fixture
def http(http, set_rule, settings):
    """Without limits: each endpoint gets all of its bad input from one customer."""
    lift_limits(set_rule, settings)
    return wandering(http)


def every(endpoints: dict[str, Endpoint]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("endpoint", endpoints.values(), ids=endpoints)


def rows():
    return {
        model.__name__: model.objects.count()
        for model in apps.get_app_config("menpai").get_models()
        if not model.__name__.startswith(("Ephemeral", "Audit"))  # refusals are written a second later
    }


def send(http, endpoint, person, content, kind="application/json"):
    headers = person.auth | {"content-type": kind}
    answer = http.request(endpoint.method, endpoint.url(person.name), content=content, headers=headers)
    assert answer.status_code != 429, "a limit hides what the rest of the bad input does"
    return answer


def send_fields(http, endpoint, person, **fields):
    return send(http, endpoint, person, json.dumps(endpoint.fields | fields).encode())


def is_contract_error(contract, answer, status=None):
    assert answer.headers["content-type"] in ("application/json", "application/problem+json"), answer.text
    found = answer.json()
    if contract == V1:
        assert answer.status_code == (status or 200)
        assert isinstance(found["code"], int) and found["code"] != 200
        assert isinstance(found["error"], str) and isinstance(found["reason"], str)
        return found["code"]
    if contract != API:
        assert answer.status_code == (status or 400)
        if "status" in found:  # the captcha's pages read a sentence
            assert found["status"] is False and isinstance(found.pop("message"), str) and len(found) == 1
            return found
        assert found and all(isinstance(texts, list) and texts for texts in found.values())
        assert all(isinstance(text, str) for texts in found.values() for text in texts)
        return found
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == status if status else 400 <= answer.status_code < 500
    assert found["status"] == answer.status_code and found["code"]
    return found["code"]


def field_errors(answer):
    """Field → code; of a field that may be this or that both are named, as `field.this`."""
    return {error["field"].partition(".")[0]: error["code"] for error in answer.json()["errors"]}


@every(WITH_FIELDS)
def test_a_broken_body_is_refused_and_nothing_is_stored(http, endpoint):
    person = somebody(http)
    before = rows()
    for kind, content in BROKEN.items():
        code = is_contract_error(endpoint.contract, send(http, endpoint, person, content))
        assert endpoint.contract != V1 or code == 10100, kind
        if endpoint.contract == API:  # whose field names are spelled in one way only
            unknown = NEEDS_NO_FIELD.get(str(endpoint), "invalid_request")
            assert code == (unknown if b"USERNAME" in content else "bad_request"), kind
    assert rows() == before


@every(WITH_FIELDS)
def test_wrong_types_in_every_field_are_refused_and_nothing_is_stored(http, endpoint):
    person = somebody(http)
    before = rows()
    for field in endpoint.known:
        for value in WRONG_TYPES:
            if not endpoint.may_be(field, value):
                is_contract_error(endpoint.contract, send_fields(http, endpoint, person, **{field: value}))
    assert rows() == before


@every(WITH_FIELDS)
def test_missing_null_and_empty_fields_are_refused_and_nothing_is_stored(http, endpoint):
    person = somebody(http)
    before = rows()
    for field in endpoint.fields:
        if field == "password" and endpoint.schemas and field not in endpoint.required:
            continue  # who was authenticated a moment ago needs none
        missing = {name: value for name, value in endpoint.fields.items() if name != field}
        for sent in (missing, missing | {field: None}, missing | {field: ""}):
            is_contract_error(endpoint.contract, send(http, endpoint, person, json.dumps(sent).encode()))
    assert rows() == before


@every({name: endpoint for name, endpoint in WITH_FIELDS.items() if name not in ANY_TEXT})
def test_text_that_deceives_is_refused_or_worthless(http, endpoint):
    person = somebody(http)
    before = rows()
    for field in endpoint.fields:
        if "password" in field:
            continue  # any characters are a password
        for text in DECEIVING:
            is_contract_error(endpoint.contract, send_fields(http, endpoint, person, **{field: text}))
    assert rows() == before


@every(WITH_FIELDS)
def test_413_a_body_over_16_kib(http, endpoint):
    most = LONGER_BODIES.get(str(endpoint), rules.BODY_BYTES)
    answer = send_fields(http, endpoint, somebody(http), padding="x" * most)
    is_contract_error(endpoint.contract, answer, status=413)


@every(ENDPOINTS)
def test_405_a_method_that_is_not_there(http, endpoint):
    person = somebody(http)
    path = endpoint.url(person.name)
    for other in METHODS - endpoint.methods:
        answer = http.request(other, path, headers=person.auth)
        is_contract_error(endpoint.contract, answer, status=405)
        assert endpoint.method in answer.headers["allow"]
    assert http.request("HEAD", path).status_code == 405


@pytest.mark.parametrize(
    ("path", "contract"),
    [
        ("/v1", V1),
        ("/v1/", V1),
        ("/v1/users/x/y/z/w", V1),
        ("/v1/tokens%0A", V1),
        ("/v1/%ff%fe", V1),
        ("/user/nothing/here/", USER),
        ("/users/nothing/", USER),
        ("/user/login/%00", USER),
    ],
)
def test_404_an_unknown_path_under_the_contracts_is_json(http, path, contract):
    for method in ("GET", "POST", "DELETE"):
        is_contract_error(contract, http.request(method, path), status=404)


def test_a_json_body_labelled_as_a_form_is_json(http):
    person = somebody(http)
    sent = json.dumps({"username": person.name, "password": PASSWORD}).encode()
    for kind in ("application/x-www-form-urlencoded", "text/plain", "application/json; charset=gbk", "nonsense"):
        assert send(http, ENDPOINTS["POST /v1/tokens"], person, sent, kind).json()["code"] == 200


@every(OF_API)
def test_415_at_api_json_is_called_json(http, endpoint):
    person, sent = somebody(http), json.dumps(endpoint.fields).encode()
    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=X", ""):
        assert is_contract_error(API, send(http, endpoint, person, sent, kind), status=415) == "json_only"


@every(OF_API)
def test_422_at_api_every_field_that_is_missing_or_of_the_wrong_type_is_named(http, endpoint):
    person, before = somebody(http), rows()
    wrong = {name: value for name in endpoint.known for value in (True, []) if not endpoint.may_be(name, value)}
    answer = send(http, endpoint, person, json.dumps(wrong).encode())
    assert is_contract_error(API, answer, status=422) == "invalid_request"
    assert field_errors(answer) == dict.fromkeys(wrong, "wrong_type")
    assert field_errors(send(http, endpoint, person, b"{}")) == dict.fromkeys(endpoint.required, "required")
    assert rows() == before


def test_a_byte_order_mark_and_text_that_is_not_encoded_are_read(http):
    """The first is what Windows writes before JSON, the second what `curl -d receiver=小王` sends."""
    person = somebody(http)
    sent = {"username": person.name, "password": PASSWORD}
    login = ENDPOINTS["POST /v1/tokens"]
    assert send(http, login, person, json.dumps(sent).encode("utf-8-sig")).json()["code"] == 200
    form = "&".join(f"{name}={text}" for name, text in an_address_v1().items()).encode()
    add = ENDPOINTS["POST /v1/users/{name}/address"]
    [added] = send(http, add, person, form, "application/x-www-form-urlencoded").json()["addresslist"]
    assert added["receiver"] == an_address_v1()["receiver"]


def test_a_real_form_is_understood(http):
    person = somebody(http)
    sent = {"username": person.name, "password": PASSWORD}
    assert http.post("/v1/tokens", data=sent).json()["code"] == 200
    assert http.post("/v1/tokens", data=sent, files={"ignored": b"x"}).json()["code"] == 200
    twice = b"username=a&username=b&password=c"
    answer = send(http, ENDPOINTS["POST /v1/tokens"], person, twice, "application/x-www-form-urlencoded")
    assert answer.json()["code"] == 10100


def test_nothing_that_was_sent_comes_back_in_a_text(http):
    marker = "zq9marker"
    for endpoint in WITH_FIELDS.values():
        for sent in (dict.fromkeys(endpoint.fields, f"{marker}<script>"), {marker: 1}):
            told = http.request(endpoint.method, endpoint.url(marker), json=sent).json()
            if endpoint.contract == V1:
                told = [told.get("error"), told.get("reason")]
            assert marker not in json.dumps(told)


def test_cross_origin_pages_of_configured_origins_are_answered_and_others_not(http, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://shop.example"]
    preflight = {
        "origin": "https://shop.example",
        "access-control-request-method": "PUT",
        "access-control-request-headers": "authorization, content-type",
    }
    answer = http.options("/v1/users/wang/address/1", headers=preflight)
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    methods = set(answer.headers["access-control-allow-methods"].split(", "))
    assert {"GET", "POST", "PUT", "DELETE", "OPTIONS"} <= methods
    assert {"authorization", "content-type"} <= set(answer.headers["access-control-allow-headers"].split(", "))
    assert "access-control-allow-credentials" not in answer.headers
    answer = http.get("/user/mobile/13800138000/", headers={"origin": "https://shop.example"})
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    answer = http.get("/user/mobile/13800138000/", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
    answer = http.post("/user", json={}, headers={"origin": "https://shop.example"})  # without its slash
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"


def test_every_answer_is_private_and_typed(http):
    paths = ("/v1/users/x/address", "/user/mobile/13800138000/", "/v1/nothing", "/api/me", "/api/nothing")
    customer = {"authorization": f"Bearer {somebody(http).token}"}
    answers = [http.get(path, headers=headers) for path in paths for headers in ({}, customer)]
    for headers in (answer.headers for answer in (*answers, http.post("/api/me", headers=customer))):
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_a_form_of_very_many_files_is_refused(http):
    part = b'--X\r\nContent-Disposition: form-data; name="a%d"; filename="b"\r\n\r\n\r\n'
    content = b"".join(part % number for number in range(150)) + b"--X--\r\n"
    for name in ("POST /v1/tokens", "POST /user/login/", "POST /api/activation"):
        endpoint = ENDPOINTS[name]
        answer = send(http, endpoint, somebody(http), content, "multipart/form-data; boundary=X")
        is_contract_error(endpoint.contract, answer, status=415 if endpoint.contract == API else None)
