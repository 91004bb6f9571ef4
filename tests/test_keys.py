"""The keys file and what rotating it means: nobody meets a key that they do not know, nothing that lives is voided."""

import json
from argparse import Namespace
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from menpai import errors, rules
from menpai.codes import one_time, send_limits
from menpai.database import idempotency
from menpai.identifiers import Client
from menpai.keys import cli, ring, signatures
from menpai.keys import file as key_file
from menpai.models import Message
from menpai.sessions import jwt
from tests.concurrency import at_once
from tests.customers import somebody
from tests.test_command import menpai

ME = Client("192.0.2.1", "192.0.2.1", "")
MOBILE = "13800138000"


@pytest.fixture
def path(keys_file):
    return keys_file


@pytest.fixture
def rotate(path):
    def do(*kinds, lead=0):
        key_file.rotate(path, kinds or tuple(key_file.KINDS), timedelta(seconds=lead))
        ring._known.clear()  # as if the two seconds were over

    return do


def command(*arguments, path, **environment):
    return menpai("keys", *arguments, MENPAI_KEYS_FILE=str(path), MENPAI_DATA_DIR=str(path.parent), **environment)


def guess(code, purpose=rules.REGISTRATION):
    """The secret's subject, or the name of the refusal."""
    try:
        return one_time.check(purpose, MOBILE, code).subject
    except errors.Refusal as refusal:
        return type(refusal).__name__


# ── What a rotation leaves alive ──
def test_a_code_from_before_works_after_and_only_once(rotate):
    code = one_time.issue(rules.REGISTRATION, MOBILE, "subject")
    rotate("pepper")
    rotate("pepper")
    secret = one_time.check(rules.REGISTRATION, MOBILE, code)
    assert secret.subject == "subject"
    with transaction.atomic():
        one_time.spend(secret)
    assert guess(code) == "CodeExpired"


@pytest.mark.parametrize("before", range(6))
def test_the_tries_are_counted_through_a_rotation(rotate, before):
    code = one_time.issue(rules.REGISTRATION, MOBILE)
    guesses = [guess("x") for _ in range(before)]
    rotate("pepper")
    guesses += [guess("x") for _ in range(before, rules.SMS_CODE_TRIES)]
    assert [*guesses, guess(code)] == ["CodeWrong"] * rules.SMS_CODE_TRIES + ["CodeExpired"]


def test_a_new_code_takes_the_place_of_one_from_before(rotate):
    old = one_time.issue(rules.REGISTRATION, MOBILE, "old")
    rotate("pepper")
    new = one_time.issue(rules.REGISTRATION, MOBILE, "new")
    assert old != new
    assert [guess(old), guess(new)] == ["CodeWrong", "new"]


def test_a_new_code_gives_no_tries_back_where_they_outlive_it(rotate):
    guesses = []
    for many in (3, 2):
        one_time.issue(rules.RECOVERY_SMS, MOBILE)
        guesses += [guess("x", rules.RECOVERY_SMS) for _ in range(many)]
        rotate("pepper")
    assert one_time.issue(rules.RECOVERY_SMS, MOBILE) is None
    assert [*guesses, guess("x", rules.RECOVERY_SMS)] == ["CodeWrong"] * 5 + ["CodeExpired"]


def test_limits_go_on_counting_and_sealed_text_opens(rotate):
    send_limits.count_sms(MOBILE, ME)
    rotate("pepper")
    with pytest.raises(errors.TargetTooSoon):
        send_limits.count_sms(MOBILE, ME)
    old = ring.seal("code 123456", "row")
    rotate("sealing")
    assert ring.unseal(old, "row") == "code 123456"
    assert ring.seal("x", "row").partition(":")[0] != old.partition(":")[0]  # new text with the new key


def test_a_retry_is_still_a_retry(rotate):
    def key(body=b"{}"):
        return idempotency.parse_key("add", "7", "k1", body)

    done = []
    idempotency.run_once(key(), lambda: idempotency.record_request(key(), "row 1"), done.append)
    rotate("pepper")
    idempotency.run_once(key(), lambda: done.append("twice"), done.append)
    assert done == ["row 1"]
    with pytest.raises(errors.IdempotencyKeyReused):
        idempotency.run_once(key(b"[]"), lambda: None, done.append)


def test_a_new_signing_key_is_published_before_it_signs(rotate, path):
    (first,) = (key["kid"] for key in signatures.key_set("signing")["keys"])
    rotate("signing", lead=900)
    published = [key["kid"] for key in signatures.key_set("signing")["keys"]]
    assert len(published) == 2
    assert published[0] == ring.secrets_of("signing")[0][0] == first
    with pytest.MonkeyPatch.context() as patch:
        later = key_file.current_index
        patch.setattr(key_file, "current_index", lambda found, now: later(found, now + timedelta(seconds=901)))
        assert ring.secrets_of("signing")[0][0] == published[1]
        assert {key["kid"] for key in signatures.key_set("signing")["keys"]} == set(published)


def test_two_keys_of_a_rotation_under_way_come_in_the_order_of_their_times(rotate):
    rotate("signing", lead=900)
    rotate("signing", lead=1800)
    newest, second, first = ring.keys_of("signing")
    assert [kid for kid, _ in ring.secrets_of("signing")] == [first.id, newest.id, second.id]


# ── A running process ──
def test_a_running_process_follows_the_file_within_seconds(path):
    before = ring.secrets_of("pepper")
    key_file.rotate(path, ["pepper"], timedelta(0))
    assert ring.secrets_of("pepper") == before  # it does not look at every question
    ring._known[path].looked_at -= rules.KEYS_LOOKED_AT.total_seconds()
    assert ring.secrets_of("pepper")[1:] == before


def test_a_file_that_is_half_there_changes_nothing(path, caplog):
    before = ring.secrets_of("signing")
    for damage in ("", '{"signing": [', '{"signing": [{"id": 1}]}', "[]"):
        path.write_text(damage)
        ring._known[path].looked_at -= rules.KEYS_LOOKED_AT.total_seconds()
        assert ring.secrets_of("signing") == before
    path.unlink()
    ring._known[path].looked_at -= rules.KEYS_LOOKED_AT.total_seconds()
    assert ring.secrets_of("signing") == before
    assert caplog.text.count("cannot be read again") == 5


def test_a_signature_that_was_checked_once_is_checked_again_when_the_keys_change(path, rotate):
    now = timezone.now()
    claims = {"sub": "0" * 32, "sid": "0" * 32}
    token = jwt.sign(claims, now, now + timedelta(hours=1), shared_key=False)
    jwt.session_of(token)
    leaked = ring.secrets_of("signing")[0][0]
    rotate("signing")
    jwt.session_of(token)
    key_file.remove(path, [leaked])
    ring._known.clear()
    with pytest.raises(errors.NotSignedIn):
        jwt.session_of(token)


# ── The command ──
def test_a_file_of_before_gets_what_it_lacks_and_keeps_the_rest(path):
    whole = json.loads(path.read_text())
    path.write_text(json.dumps({kind: whole[kind] for kind in whole if kind != "password"}))
    ring._known.clear()
    with pytest.raises(key_file.KeysFileError, match="has no password key"):
        ring.keys_of("password")
    said = command(path=path)
    assert said.returncode == 0
    assert "+ password" in said.stdout
    after = json.loads(path.read_text())
    assert {kind: after[kind] for kind in whole if kind != "password"} == {
        kind: whole[kind] for kind in whole if kind != "password"
    }
    assert len(after["password"]) == 1
    assert command(path=path).returncode == 1


def test_rotate_list_and_retire_as_an_operator_types_them(path):
    secrets = [item["key"] for found in json.loads(path.read_text()).values() for item in found]
    path.chmod(0o644)
    said = command("rotate", "all", "--in", "90s", path=path)
    assert said.returncode == 0, said.stderr
    assert "copy the file to every host before that" in said.stdout
    assert path.stat().st_mode & 0o777 == 0o600
    whole = json.loads(path.read_text())
    assert all(len(whole[kind]) == 2 for kind in key_file.KINDS)
    listed = command("list", path=path).stdout
    for kind, found in whole.items():
        assert f"{kind}: " in listed
        assert all(item["id"] in listed for item in found)
    assert listed.count("used from") == listed.count("in use") == len(key_file.KINDS)
    secrets += [item["key"] for found in whole.values() for item in found]
    assert not any(secret in listed + said.stdout for secret in secrets)
    assert "there is no old key" in command("retire", path=path).stdout  # those in use and those to come are not old


def test_a_mistyped_command_changes_nothing(path):
    before = path.read_bytes()
    for arguments in (["rotate"], ["rotate", "everything"], ["rotate", "all", "--in", "soon"], ["burn"]):
        assert command(*arguments, path=path).returncode == 2
    assert command("rotate", "all", path=path.with_name("none.json")).returncode == 1
    assert path.read_bytes() == before


def retire(path, *arguments):
    kind = next((name for name in arguments if name != "--force"), None)
    return cli.run(Namespace(action="retire", kind=kind, force="--force" in arguments))


@pytest.fixture
def told(monkeypatch, path, capsys):
    """`menpai keys retire` in this process, on this database and this clock; (exit code, words, ids that are left)."""
    monkeypatch.setenv("MENPAI_KEYS_FILE", str(path))

    def do(*arguments):
        code = retire(path, *arguments)
        printed = capsys.readouterr()
        left = {kind: [key.id for key in found] for kind, found in key_file.read(path).items()}
        ring._known.clear()
        return code, printed.out + printed.err, left

    return do


def test_a_signing_key_stays_as_long_as_its_tokens_may_live(rotate, told, clock):
    rotate("signing")
    code, said, left = told("signing")
    assert (code, len(left["signing"])) == (1, 2)
    assert "stays: needed until" in said
    clock.advance(rules.CONTRACT_TOKEN_LIFE.total_seconds() + 120)
    code, said, left = told()
    assert (code, len(left["signing"])) == (0, 1)
    assert left["signing"] == [ring.secrets_of("signing")[0][0]]


def test_a_pepper_stays_as_long_as_what_it_marked(rotate, told, clock, monkeypatch):
    rotate("pepper")
    clock.advance(rules.REFRESH_LIFE.total_seconds() - 60)
    assert len(told("pepper")[2]["pepper"]) == 2
    for_ever = rules.Purpose("activation", timedelta(0))
    with monkeypatch.context() as patch:
        patch.setattr(rules, "PURPOSES", (*rules.PURPOSES, for_ever))
        clock.advance(10 * 86400)
        code, said, left = told("pepper")
        assert (code, len(left["pepper"])) == (1, 2)
        assert "activation links never expire" in said
    assert len(told("pepper")[2]["pepper"]) == 1


def test_a_password_key_stays_while_a_customer_needs_it(http, rotate, told, clock):
    person = somebody(http)
    rotate("password")
    clock.advance(120)
    code, said, left = told("password")
    assert (code, len(left["password"])) == (1, 2)
    assert "the passwords of 1 customers, who have not signed in since" in said
    assert person.sign_in()["code"] == 200
    assert told("password")[0] == 0
    assert person.sign_in()["code"] == 200


def test_a_sealing_key_stays_while_a_message_needs_it(rotate, told, clock):
    now = timezone.now()
    message = Message(channel="sms", kind="code", due_at=now, expires_at=now)
    message.sealed = ring.seal("x", message.reference.hex)
    message.save()
    rotate("sealing")
    clock.advance(120)
    assert "1 messages are sealed with it" in told("sealing")[1]
    Message.objects.update(sealed="")
    assert len(told("sealing")[2]["sealing"]) == 1


def test_a_leaked_key_can_be_dropped_at_once(rotate, told):
    rotate("signing")
    code, _, left = told("signing", "--force")
    assert (code, len(left["signing"])) == (0, 1)
    assert all(len(found) == 1 for found in left.values())


def test_two_who_rotate_at_once_lose_nothing(path):
    def rotate_five_times():
        for _ in range(5):
            key_file.rotate(path, ["signing", "pepper"], timedelta(0))

    at_once(*[rotate_five_times] * 8)
    assert [len(keys) for keys in key_file.read(path).values()] == [41, 1, 41, 1, 1, 1]
    assert [file.name for file in path.parent.iterdir()] == ["keys.json"]


# A kind as a newer version may add it, and a field that it may add to a key of today.
NEWER_KIND = {
    "consent": [{"id": "c0ffee00", "key": "AAEC", "alg": "ES256", "curves": ["P-256", None], "weight": 1.5}],
    "escrow": {"threshold": 3, "holders": {"小王": True}},
    "nothing yet": [],
}
CHANGES = {
    "complete": lambda path: key_file.add_missing_kinds(path),
    "rotate": lambda path: key_file.rotate(path, ["signing", "pepper"], timedelta(seconds=60)),
    "drop": lambda path: key_file.remove(path, ["0ddba115", "c0ffee00"]),
}


@pytest.fixture
def newer(path):
    """A file of a newer version, which lacks a kind of today and has an old signing key; (path, its content)."""
    content = json.loads(path.read_text()) | NEWER_KIND
    del content["hook"]
    content["signing"].append(content["signing"][0] | {"id": "0ddba115"})
    content["signing"][0]["alg"] = "EdDSA"
    path.write_text(json.dumps(content))
    return path, content


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_kind_and_a_field_of_a_newer_version_stay_through_every_change(newer, change):
    path, before = newer
    change(path)
    after = json.loads(path.read_text())
    assert after != before
    assert {kind: after.get(kind) for kind in NEWER_KIND} == NEWER_KIND
    assert set(key_file.read(path)) == set(key_file.KINDS) & set(after)
    assert before["signing"][0] in after["signing"]


def test_an_operator_who_types_every_change_loses_no_kind_of_a_newer_version(newer, told):
    path, _ = newer
    for arguments in (["make"], ["rotate", "all", "--in", "0"]):
        assert command(*arguments, path=path).returncode == 0
    told("--force")
    after = json.loads(path.read_text())
    assert all(len(after[kind]) == 1 for kind in key_file.KINDS)
    assert {kind: after.get(kind) for kind in NEWER_KIND} == NEWER_KIND


def test_who_was_let_in_by_the_group_stays_in_and_a_link_stays_a_link(path, tmp_path):
    path.chmod(0o640)
    link = tmp_path / "elsewhere" / "keys.json"
    link.parent.mkdir()
    link.symlink_to(path)
    key_file.rotate(link, ["hook"], timedelta(0))
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert len(key_file.read(path)["hook"]) == 2
