"""Bad input of every kind gets the contract's error: JSON, never a 5xx, and nothing is stored in part."""

import json

import pytest
from django.apps import apps

from tests.customers import PASSWORD, an_address_v1, somebody

DADA = {
    "POST /v1/users": {"uname": "wang", "password": PASSWORD, "email": "w@example.com", "phone": "13800138000"},
    "POST /v1/users/register": {
        "uname": "wang",
        "password": PASSWORD,
        "email": "w@example.com",
        "phone": "13800138000",
    },
    "POST /v1/tokens": {"username": "wang", "password": PASSWORD},
    "POST /v1/users/login": {"username": "wang", "password": PASSWORD},
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
    "PUT /v1/users/{name}/address/1": an_address_v1(),
    "POST /v1/users/{name}/address/default": {"id": "1"},
    "POST /v1/users/address/{name}/default": {"id": "1"},
}
LUFFY = {
    "POST /user/register/": {"mobile": "13800138000", "password": PASSWORD, "sms_code": "123456"},
    "POST /user/login/": {"username": "wang", "password": PASSWORD},
}
PLACE = {"receiver": "小王", "mobile": "18667018590", "tag": "公司", "address": "北京市东城区1号"}
API = {
    "POST /api/registrations/code": {"mobile": "13800138000"},
    "POST /api/registrations": {
        "mobile": "13800138000",
        "code": "123456",
        "password": PASSWORD,
        "username": "wang",
        "email": "w@example.com",
        "terms_version": "2026-11",
    },
    "POST /api/sessions": {"name": "wang", "password": PASSWORD},
    "POST /api/sessions/by-code": {"mobile": "13800138000", "code": "123456", "terms_version": "2026-11"},
    "POST /api/sessions/refresh": {"refresh_token": "x"},
    "POST /api/recovery/code": {"target": "w@example.com"},
    "POST /api/recovery/ticket": {"target": "w@example.com", "code": "12345678"},
    "POST /api/recovery/password": {
        "target": "w@example.com",
        "password": PASSWORD,
        "password2": PASSWORD,
        "ticket": "x.y",
    },
    "POST /api/activation": {"code": "x"},
    "POST /api/activation/refuse": {"code": "x"},
    "PATCH /api/me": {"language": "en"},
    "PUT /api/me/password": {"old_password": PASSWORD, "password": "new horse 77", "password2": "new horse 77"},
    "POST /api/me/email/code": {"email": "w@example.com", "password": PASSWORD},
    "PUT /api/me/email": {"email": "w@example.com", "code": "12345678"},
    "POST /api/me/mobile/code": {"mobile": "13800138000", "password": PASSWORD},
    "PUT /api/me/mobile": {"mobile": "13800138000", "code": "123456"},
    "POST /api/me/addresses": PLACE,
    "PUT /api/me/addresses/1": PLACE,
    "POST /api/me/addresses/1/restore": {"is_default": True},
    "PUT /api/me/addresses/default": {"id": 1},
}
EVERYTHING = DADA | LUFFY | API

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


def rows():
    return {
        model.__name__: model.objects.count()
        for model in apps.get_app_config("menpai").get_models()
        if not model.__name__.startswith(("Ephemeral", "Audit"))  # refusals are written a second later
    }


def send(http, endpoint, person, content, kind="application/json"):
    method, path = endpoint.format(name=person.name).split(" ")
    headers = person.auth | {"content-type": kind}
    return http.request(method, path, content=content, headers=headers)


def is_contract_error(endpoint, answer, status=None):
    assert answer.headers["content-type"] in ("application/json", "application/problem+json"), answer.text
    found = answer.json()
    if endpoint in DADA:
        assert answer.status_code == (status or 200)
        assert isinstance(found["code"], int) and found["code"] != 200
        assert isinstance(found["error"], str) and isinstance(found["reason"], str)
        return found["code"]
    if endpoint in LUFFY:
        assert answer.status_code == (status or 400)
        assert found and all(isinstance(texts, list) and texts for texts in found.values())
        assert all(isinstance(text, str) for texts in found.values() for text in texts)
        return found
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == status if status else 400 <= answer.status_code < 500
    assert found["status"] == answer.status_code and found["code"]
    return found["code"]


@pytest.mark.parametrize("endpoint", EVERYTHING)
@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_body_is_refused_and_nothing_is_stored(http, endpoint, content):
    person = somebody(http)
    before = rows()
    code = is_contract_error(endpoint, send(http, endpoint, person, content))
    assert endpoint not in DADA or code == 10100
    if endpoint in API:  # whose field names are spelled in one way only
        unknown = "address_unknown" if endpoint.endswith("/restore") else "invalid_request"  # that one needs no field
        assert code == (unknown if b"USERNAME" in content else "bad_request")
    assert rows() == before


@pytest.mark.parametrize("endpoint", EVERYTHING)
def test_wrong_types_in_every_field_are_refused_and_nothing_is_stored(http, endpoint):
    person = somebody(http)
    before = rows()
    for field in EVERYTHING[endpoint]:
        for value in (True, False, 1.5, [], ["x"], {}, {"x": "y"}, [[]], 13800138000 if field != "id" else 1.0):
            content = json.dumps(EVERYTHING[endpoint] | {field: value}).encode()
            is_contract_error(endpoint, send(http, endpoint, person, content))
    assert rows() == before


@pytest.mark.parametrize("endpoint", EVERYTHING)
def test_missing_null_and_empty_fields_are_refused_and_nothing_is_stored(http, endpoint):
    person = somebody(http)
    before = rows()
    for field in EVERYTHING[endpoint]:
        missing = {name: value for name, value in EVERYTHING[endpoint].items() if name != field}
        for sent in (missing, missing | {field: None}, missing | {field: ""}):
            is_contract_error(endpoint, send(http, endpoint, person, json.dumps(sent).encode()))
    assert rows() == before


@pytest.mark.parametrize(
    "text", ["\u202e", "\u2066x", "a\x01b", "a\x7fb", "\u200b", "\ufeff", "\r\nX: y", "<b>", "\U000e0001"]
)
@pytest.mark.parametrize("endpoint", EVERYTHING)
def test_text_that_deceives_is_refused_or_worthless(http, endpoint, text):
    person = somebody(http)
    before = rows()
    for field in EVERYTHING[endpoint]:
        if "password" in field:
            continue  # any characters are a password
        content = json.dumps(EVERYTHING[endpoint] | {field: text}).encode()
        is_contract_error(endpoint, send(http, endpoint, person, content))
    assert rows() == before


@pytest.mark.parametrize("endpoint", EVERYTHING)
def test_413_a_body_over_16_kib(http, endpoint):
    person = somebody(http)
    content = json.dumps(EVERYTHING[endpoint] | {"padding": "x" * 16 * 1024}).encode()
    is_contract_error(endpoint, send(http, endpoint, person, content), status=413)


@pytest.mark.parametrize("endpoint", EVERYTHING)
def test_405_a_method_that_is_not_there(http, endpoint):
    person = somebody(http)
    method, path = endpoint.format(name=person.name).split(" ")
    for other in {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"} - {method}:
        answer = http.request(other, path, headers=person.auth)
        if answer.status_code != 405:
            assert other in ("GET", "DELETE")  # the address book's own
            continue
        is_contract_error(endpoint, answer, status=405)
        assert method in answer.headers["allow"]
    assert http.request("HEAD", path).status_code == 405


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("/v1", "POST /v1/tokens"),
        ("/v1/", "POST /v1/tokens"),
        ("/v1/users/x/y/z/w", "POST /v1/tokens"),
        ("/v1/tokens%0A", "POST /v1/tokens"),
        ("/v1/%ff%fe", "POST /v1/tokens"),
        ("/user/nothing/here/", "POST /user/login/"),
        ("/users/nothing/", "POST /user/login/"),
        ("/user/login/%00", "POST /user/login/"),
        ("/api/nothing", "POST /api/activation"),
    ],
)
def test_404_an_unknown_path_under_the_contracts_is_json(http, path, endpoint):
    for method in ("GET", "POST", "DELETE"):
        is_contract_error(endpoint, http.request(method, path), status=404)


def test_a_json_body_labelled_as_a_form_is_json(http):
    person = somebody(http)
    sent = json.dumps({"username": person.name, "password": PASSWORD}).encode()
    for kind in ("application/x-www-form-urlencoded", "text/plain", "application/json; charset=gbk", "nonsense"):
        assert send(http, "POST /v1/tokens", person, sent, kind).json()["code"] == 200


@pytest.mark.parametrize("endpoint", API)
def test_415_at_api_json_is_called_json(http, endpoint):
    person, sent = somebody(http), json.dumps(API[endpoint]).encode()
    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=X", ""):
        answer = send(http, endpoint, person, sent, kind)
        assert is_contract_error(endpoint, answer, status=415) == "json_only"


@pytest.mark.parametrize("endpoint", API)
def test_422_at_api_every_field_that_is_missing_or_of_the_wrong_type_is_named(http, endpoint):
    person, before = somebody(http), rows()
    answer = send(http, endpoint, person, json.dumps({name: [] for name in API[endpoint]}).encode())
    assert is_contract_error(endpoint, answer, status=422) == "invalid_request"
    assert {one["field"]: one["code"] for one in answer.json()["errors"]} == dict.fromkeys(API[endpoint], "wrong_type")
    answer = send(http, endpoint, person, b"{}")
    if answer.json()["code"] == "invalid_request":  # some have nothing but what may be left out
        told = {one["field"]: one["code"] for one in answer.json()["errors"]}
        assert told and set(told) <= set(API[endpoint]) and set(told.values()) == {"required"}
    assert rows() == before


def test_a_real_form_is_understood(http):
    person = somebody(http)
    sent = {"username": person.name, "password": PASSWORD}
    assert http.post("/v1/tokens", data=sent).json()["code"] == 200
    assert http.post("/v1/tokens", data=sent, files={"ignored": b"x"}).json()["code"] == 200
    twice = b"username=a&username=b&password=c"
    assert send(http, "POST /v1/tokens", person, twice, "application/x-www-form-urlencoded").json()["code"] == 10100


def test_nothing_that_was_sent_comes_back_in_a_text(http):
    marker = "zq9marker"
    for endpoint, fields in (DADA | LUFFY).items():
        method, path = endpoint.format(name=marker).split(" ")
        sent = dict.fromkeys(fields, f"{marker}<script>")
        answer = http.request(method, path, json=sent)
        found = answer.json()
        texts = json.dumps([found.get("error"), found.get("reason"), found if endpoint in LUFFY else ""])
        assert marker not in texts


def test_cross_origin_pages_of_configured_origins_are_answered_and_others_not(http, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://shop.example"]
    preflight = {
        "origin": "https://shop.example",
        "access-control-request-method": "PUT",
        "access-control-request-headers": "authorization, content-type",
    }
    answer = http.options("/v1/users/wang/address/1", headers=preflight)
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert {"GET", "POST", "PUT", "DELETE", "OPTIONS"} <= set(
        answer.headers["access-control-allow-methods"].split(", ")
    )
    assert {"authorization", "content-type"} <= set(answer.headers["access-control-allow-headers"].split(", "))
    assert "access-control-allow-credentials" not in answer.headers
    answer = http.get("/user/mobile/13800138000/", headers={"origin": "https://shop.example"})
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    answer = http.get("/user/mobile/13800138000/", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_every_answer_is_private_and_typed(http):
    for path in ("/v1/users/x/address", "/user/mobile/13800138000/", "/v1/nothing", "/api/me", "/api/nothing"):
        headers = http.get(path).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_a_form_of_very_many_files_is_refused(http):
    part = b'--X\r\nContent-Disposition: form-data; name="a%d"; filename="b"\r\n\r\n\r\n'
    content = b"".join(part % number for number in range(150)) + b"--X--\r\n"
    for endpoint in ("POST /v1/tokens", "POST /user/login/", "POST /api/activation"):
        answer = send(http, endpoint, somebody(http), content, "multipart/form-data; boundary=X")
        is_contract_error(endpoint, answer, status=415 if endpoint in API else None)


def test_cross_origin_holds_without_the_slash_too(http, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://shop.example"]
    answer = http.post("/user", json={}, headers={"origin": "https://shop.example"})
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
