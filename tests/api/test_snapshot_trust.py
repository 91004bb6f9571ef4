"""/api: no snapshot passes as a token and no token as a snapshot; what becomes of the keys of snapshots."""

import json
import subprocess
import sys
from argparse import Namespace
from datetime import timedelta

import pytest

from menpai import rules
from menpai.keys import cli, ring
from menpai.keys import file as key_file
from menpai.models import Message, Snapshot
from tests.api.clients import Browser, ok, refused, signed_in
from tests.api.test_snapshots import KEY, key_set, own, take
from tests.customers import PASSWORD, somebody, somebody_by_sms
from tests.snapshots import CLAIMS, claims_of, is_genuine, signed

__all__ = ["own"]


# ── Tokens and snapshots ──
def test_no_token_of_ours_passes_as_a_snapshot(http, mailbox, person, browser, settings):
    tokens = [person.access, person.refresh, browser.cookie, somebody(http).token, somebody_by_sms(http, mailbox).token]
    settings.MENPAI_TOKEN_ALGORITHM, settings.MENPAI_TOKEN_SHARED_KEY = "HS256", "k" * 32
    tokens.append(somebody(http).token)  # with a shared key
    both = {"keys": key_set(http)["keys"] + http.get("/.well-known/jwks.json").json()["keys"]}
    assert not any(is_genuine(token, keys) for token in tokens for keys in (key_set(http), both))
    assert is_genuine(signed(), both)


def test_a_snapshot_opens_nothing(http, person, own, settings):
    jws = ok(take(person, own), 201)["jws"]
    for algorithm in ("EdDSA", "HS256"):
        settings.MENPAI_TOKEN_ALGORITHM, settings.MENPAI_TOKEN_SHARED_KEY = algorithm, "k" * 32
        for scheme in ("Bearer ", "jwt ", ""):
            headers = {"authorization": f"{scheme}{jws}"}
            refused(http.get("/api/me", headers=headers), 401, "not_signed_in")
            answer = http.get(f"/v1/users/{person.mobile}/address", headers=headers)
            assert answer.json()["code"] == 10101
    thief = Browser(http)
    thief.cookie = jws
    refused(thief.get("/me"), 401, "not_signed_in")
    refused(thief.post("/sessions/refresh", refresh_token=jws), 401, "not_signed_in")
    refused(thief.post("/activation", code=jws), 400, "activation_malformed")
    reset = {"target": person.mobile, "ticket": jws, "password": PASSWORD, "password2": PASSWORD}
    refused(thief.post("/recovery/password", **reset), 409, "ticket_gone")
    refused(thief.post("/social/links", ticket=jws, name=person.mobile, password=PASSWORD), 409, "social_ticket")


def test_neither_key_signs_for_the_other(http, person):
    """Forged as well as we could ourselves: with a token's whole content, but the key of the other kind."""
    snapshots, tokens = key_set(http)["keys"], http.get("/.well-known/jwks.json").json()["keys"]
    assert not {key["x"] for key in snapshots} & {key["x"] for key in tokens}
    assert not {key["kid"] for key in snapshots} & {key["kid"] for key in tokens}
    claims = claims_of(person.access) | {"order": None, "v": None, "edition": None, "address": None}
    for kind, status in (("signing", 200), ("snapshots", 401)):
        token = signed({"typ": "at+jwt"}, kind, **claims)
        assert http.get("/api/me", headers={"authorization": f"Bearer {token}"}).status_code == status
    assert is_genuine(signed(), {"keys": snapshots})
    assert not is_genuine(signed(kind="signing"), {"keys": snapshots})


def test_the_command_knows_what_was_issued_here(person, own):
    """Read from stdin, in a process of its own; a leaked key signs well, but what it signs has no record here."""
    for jws, code, word in ((ok(take(person, own), 201)["jws"], 0, "genuine"), (signed(), 1, "not issued here")):
        command = [sys.executable, "-m", "menpai", "snapshots", "verify", "-"]
        done = subprocess.run(command, input=f"{jws}\n", capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, word in done.stdout + done.stderr) == (code, True), done.stderr
        assert "小王" not in done.stdout + done.stderr


# ── Keys ──
@pytest.fixture
def retire(monkeypatch, keys_file, capsys):
    """`menpai keys retire snapshots` in this process; (exit code, words)."""
    monkeypatch.setenv("MENPAI_KEYS_FILE", str(keys_file))

    def do(force=False, kind="snapshots"):
        code = cli.run(Namespace(action="retire", kind=kind, force=force))
        ring._known.clear()
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return do


def rotate(path, kind="snapshots", lead=0):
    key_file.rotate(path, [kind], timedelta(seconds=lead))
    ring._known.clear()


def test_a_new_key_is_published_before_it_signs_and_the_old_one_goes_on_verifying(http, keys_file, person, own):
    before = ok(take(person, own), 201)["jws"]
    rotate(keys_file, lead=900)
    published = key_set(http)
    assert len(published["keys"]) == 2
    assert ok(take(person, own), 201)["jws"].split(".")[0] == before.split(".")[0]
    rotate(keys_file)
    after = ok(take(person, own), 201)["jws"]
    assert after.split(".")[0] != before.split(".")[0]
    assert is_genuine(before, key_set(http)) and is_genuine(after, key_set(http))
    assert not is_genuine(after, published)  # the shop fetches the set again


def test_a_retired_key_keeps_its_public_half_as_long_as_orders_are_kept(
    http, keys_file, person, own, retire, clock, capsys
):
    jws = ok(take(person, own), 201)["jws"]
    rotate(keys_file)
    assert "stays: needed until" in retire()[1]
    clock.advance(120)
    code, words = retire()
    assert code == 0 and "its public half stays until" in words
    _, old = json.loads(keys_file.read_text())["snapshots"]
    assert "public" in old and "key" not in old
    cli.run(Namespace(action="list"))
    assert old["id"] in (listed := capsys.readouterr().out) and "its public half alone" in listed
    rotate(keys_file)
    rotate(keys_file, "pepper")
    assert retire(force=True)[0] == 0  # what has no secret half cannot have leaked
    assert is_genuine(jws, key_set(http)) and len(key_set(http)["keys"]) == 2
    clock.advance(rules.ORDERS_KEPT.total_seconds())
    assert "removed" in retire()[1]
    assert not is_genuine(jws, key_set(http))


def test_a_leaked_key_goes_as_a_whole(http, keys_file, person, own, retire):
    jws = ok(take(person, own), 201)["jws"]
    rotate(keys_file)
    assert retire(force=True)[0] == 0
    assert not is_genuine(jws, key_set(http))


def test_where_orders_are_kept_for_ever_public_halves_are_too(keys_file, retire, clock, set_rule):
    set_rule("ORDERS_KEPT", timedelta(0))
    rotate(keys_file)
    clock.advance(120)
    assert "its public half stays for ever" in retire()[1]
    clock.advance(100 * 365 * 86400)
    assert retire() == (0, "没有旧密钥 · there is no old key\n")


def test_a_sealing_key_stays_while_a_repeat_needs_it_and_else_a_repeat_is_new(keys_file, person, own, retire, clock):
    first = ok(take(person, own, KEY), 201)
    rotate(keys_file, "sealing")
    clock.advance(120)
    Message.objects.update(sealed="")
    code, words = retire(kind="sealing")
    assert code == 1 and "1 snapshots of addresses" in words
    assert retire(force=True, kind="sealing")[0] == 0
    again = signed_in(person.http, person.mobile)
    second = ok(take(again, own, KEY), 201)
    assert second["id"] != first["id"] and ok(take(again, own, KEY), 201) == second
    assert Snapshot.objects.count() == 2


def test_a_field_that_the_version_before_did_not_sign_is_blank_in_a_repeat(person, own):
    first = ok(take(person, own, KEY), 201)
    row = Snapshot.objects.get()
    row.sealed = ring.seal(signed(address={"receiver": "小王", "unknown": "x"}, jti=first["id"]), row.pk.hex)
    row.save()
    again = ok(take(person, own, KEY), 201)
    assert again["address"] == dict.fromkeys(first["address"], "") | {"receiver": "小王"}
    assert claims_of(again["jws"])["order"] == CLAIMS["order"]
