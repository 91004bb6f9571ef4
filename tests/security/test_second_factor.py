"""S4, S15: the second factor of staff: RFC 6238, backup codes, and who may enrol a phone."""

import ipaddress
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from menpai import rules
from menpai.audit import events
from menpai.keys import file as key_file
from menpai.keys import ring, rotation
from menpai.models import StaffBackupCode, StaffFactor
from menpai.staff import second_factor, totp
from tests.audit_trail import written
from tests.concurrency import at_once
from tests.operators import STAFF, Phone, after_password, answer, credentials, csrf, enrol, hire, signed_in, text_of

STEP = totp.STEP
INDEX = "/admin/"


@pytest.fixture(autouse=True)
def required(settings: Any) -> None:
    settings.MENPAI_STAFF_SECOND_FACTOR = "required"


@pytest.fixture
def user() -> User:
    return hire()


@pytest.fixture
def enrolled(user: User, clock: Any) -> tuple[Phone, list[str]]:
    """A phone and backup codes; the code of the enrolment is used up."""
    phone, codes = enrol(after_password(), user)
    clock.advance(STEP)
    return phone, codes


def is_in(browser: Client) -> bool:
    return browser.get(INDEX).status_code == 200


# RFC 6238, appendix B.
@pytest.mark.parametrize(
    ("seconds", "sha1", "sha256", "sha512"),
    [
        (59, "94287082", "46119246", "90693936"),
        (1111111109, "07081804", "68084774", "25091201"),
        (1111111111, "14050471", "67062674", "99943326"),
        (1234567890, "89005924", "91819424", "93441116"),
        (2000000000, "69279037", "90698825", "38618901"),
        (20000000000, "65353130", "77737706", "47863826"),
    ],
)
@pytest.mark.without_database
def test_the_vectors_of_the_rfc(seconds: int, sha1: str, sha256: str, sha512: str) -> None:
    for algorithm, length, code in (("sha1", 20, sha1), ("sha256", 32, sha256), ("sha512", 64, sha512)):
        secret = (b"1234567890" * 7)[:length]
        assert totp.code_at(secret, seconds // STEP, digits=8, algorithm=algorithm) == code


# ── Signing in ──
def test_the_password_alone_signs_nobody_in(enrolled: Any) -> None:
    browser = after_password()
    assert not is_in(browser)
    assert browser.get("/admin/menpai/customer/").status_code == 302
    assert answer(browser, enrolled[0].code()) == 302
    assert is_in(browser)
    assert written(events.LOGIN)[-1].details == {"how": "password", "factor": "totp"}


@pytest.mark.parametrize(("steps", "status"), [(-2, 200), (-1, 302), (0, 302), (1, 302), (2, 200)])
def test_a_step_before_and_after_are_right(steps: int, status: int, enrolled: Any, clock: Any) -> None:
    clock.advance(STEP)
    assert answer(after_password(), enrolled[0].code(steps)) == status


def test_a_code_is_used_once_and_none_before_it_any_more(enrolled: Any, clock: Any) -> None:
    phone, _ = enrolled
    clock.advance(2 * STEP)
    assert answer(after_password(), phone.code()) == 302
    for steps in (0, -1):
        assert answer(after_password(), phone.code(steps)) == 200
    assert answer(after_password(), phone.code(1)) == 302


def test_of_three_who_type_one_code_at_once_one_is_in(enrolled: Any) -> None:
    phone, codes = enrolled
    for code in (phone.code(), codes[0]):
        StaffFactor.objects.update(last_step=0)
        browsers = [after_password() for _ in range(3)]
        statuses = at_once(*(partial(answer, browser, code) for browser in browsers))
        assert sorted(statuses) == [200, 200, 302]


def test_each_backup_code_is_good_once_however_it_is_typed(enrolled: Any) -> None:
    _, codes = enrolled
    typed = [codes[0], codes[1].upper().replace("-", ""), f" {codes[2]} "]
    assert [answer(after_password(), code) for code in typed] == [302] * 3
    assert [answer(after_password(), code) for code in typed] == [200] * 3
    assert written(events.LOGIN)[-1].details["factor"] == "backup_code"
    digests = StaffBackupCode.objects.values_list("digest", flat=True)
    assert not any(code.replace("-", "") in digest for code in codes for digest in digests)


def test_six_digits_are_guessed_five_times_and_not_from_the_owners_browser(enrolled: Any, clock: Any) -> None:
    phone, _ = enrolled
    own = after_password()
    assert answer(own, phone.code()) == 302
    thief = after_password()
    assert [answer(thief, f"{number:06d}") for number in range(7)] == [200] * 5 + [429] * 2
    clock.advance(STEP)
    assert answer(thief, phone.code()) == 429
    own.post("/admin/logout/", csrf(text_of(own, INDEX)))
    page = text_of(own, "/admin/login/")
    own.post("/admin/login/", {"username": STAFF[0], "password": STAFF[1], **csrf(page)})
    assert answer(own, phone.code()) == 302
    assert all(row.details["staff"] for row in written(events.CODE_FAILED))


def test_between_the_password_and_the_code_there_are_ten_minutes_and_the_same_password(
    user: User, enrolled: Any, clock: Any
) -> None:
    phone, _ = enrolled
    slow, changed = after_password(), after_password()
    user.set_password("Another-staff-password-2")
    user.save()
    assert changed.get("/admin/second-factor/").headers["location"] == "/admin/login/"
    user.set_password(STAFF[1])
    user.save()
    clock.advance(601)
    assert slow.get("/admin/second-factor/").headers["location"] == "/admin/login/"
    assert phone


# ── Enrolling ──
def test_a_stolen_password_enrols_no_phone(user: User) -> None:
    thief = after_password()
    answer_of = thief.get("/admin/second-factor/enrol/")
    assert answer_of.status_code == 403
    text = answer_of.content.decode()
    assert "menpai staff enrol ops" in text and "首次绑定" in text and "operator" in text
    other = User.objects.create_superuser("other", "", STAFF[1])
    with pytest.raises(AssertionError):  # the link of somebody else
        enrol(thief, other)
    assert not StaffFactor.objects.exists()


def test_a_link_enrols_one_phone_once_and_within_an_hour(user: User, clock: Any) -> None:
    path = second_factor.new_link(user).partition("8000")[2]
    late = second_factor.new_link(user)
    assert path != late
    clock.advance(3601)
    browser = after_password()
    assert browser.get(late.partition("8000")[2], follow=True).status_code == 403
    phone, _ = enrol(browser, user)
    assert is_in(browser)
    again = after_password()
    assert "备用码" in again.get(path, follow=True).content.decode(), "the code is asked for, no phone enrolled"
    assert answer(again, phone.code(1)) == 302


def test_from_the_networks_of_staff_a_first_phone_needs_no_link(user: User, settings: Any) -> None:
    settings.MENPAI_STAFF_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    browsers = [after_password(), after_password()]
    pages = [text_of(browser, "/admin/second-factor/enrol/") for browser in browsers]
    phones = [Phone(page) for page in pages]
    fields = [{"code": phone.code(), **csrf(page)} for phone, page in zip(phones, pages, strict=True)]
    posts = [partial(browser.post, "/admin/second-factor/enrol/") for browser in browsers]
    answers = at_once(*(partial(post, sent) for post, sent in zip(posts, fields, strict=True)))
    assert sorted(one.status_code for one in answers) == [200, 302]
    assert sorted(map(is_in, browsers)) == [False, True]
    assert StaffBackupCode.objects.count() == 10


def test_a_stolen_session_enrols_no_phone_from_the_networks_of_staff(user: User, settings: Any) -> None:
    settings.MENPAI_STAFF_SECOND_FACTOR = "optional"
    settings.MENPAI_STAFF_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    browser, path = signed_in(), "/admin/second-factor/enrol/"
    page = text_of(browser, path)
    typed = {"code": Phone(page).code(), **csrf(page)}
    assert browser.post(path, typed).status_code == 200
    guesses = [browser.post(path, typed | {"own_password": f"wrong {number}"}).status_code for number in range(7)]
    assert (guesses, StaffFactor.objects.count()) == ([200] * 5 + [429] * 2, 0)
    assert browser.post(path, typed | {"own_password": STAFF[1]}).status_code == 429


def test_who_is_signed_in_enrols_a_first_phone_with_the_password(user: User, settings: Any) -> None:
    settings.MENPAI_STAFF_SECOND_FACTOR = "optional"
    settings.MENPAI_STAFF_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    browser = signed_in()
    page = text_of(browser, "/admin/second-factor/enrol/")
    assert 'name="own_password"' in page
    typed = {"code": Phone(page).code(), "own_password": STAFF[1], **csrf(page)}
    assert "备用码" in browser.post("/admin/second-factor/enrol/", typed).content.decode()
    assert StaffFactor.objects.exists() and is_in(browser)


def test_another_phone_needs_a_code_of_the_one_before_and_ends_other_sessions(enrolled: Any, clock: Any) -> None:
    old, codes = enrolled
    mine, thief = after_password(), after_password()
    assert answer(mine, old.code()) == answer(thief, codes[0]) == 302
    page = text_of(mine, "/admin/second-factor/enrol/")
    new = Phone(page)
    for current in ("000000", codes[0]):
        refused = mine.post("/admin/second-factor/enrol/", {"code": new.code(), "current": current, **csrf(page)})
        assert "验证码不对" in refused.content.decode()
    done = mine.post("/admin/second-factor/enrol/", {"code": new.code(), "current": codes[1], **csrf(page)})
    assert done.status_code == 200 and is_in(mine)
    assert not is_in(thief)
    clock.advance(STEP)
    assert answer(after_password(), old.code()) == 200
    assert answer(after_password(), codes[2]) == 200, "nor its backup codes"
    assert answer(after_password(), new.code()) == 302


def again(browser: Client) -> Client:
    """The browser, in which the password was typed once more."""
    browser.post("/admin/logout/", csrf(text_of(browser, INDEX)))
    browser.post("/admin/login/", credentials(text_of(browser, "/admin/login/")))
    return browser


def wrong_codes(browsers: list[Client], each: int) -> int:
    """How many wrong codes are compared from these browsers."""
    return [answer(browser, f"{number:06d}") for browser in browsers for number in range(each)].count(200)


def test_cookies_from_before_a_new_phone_open_no_guesses(user: User, enrolled: Any, clock: Any) -> None:
    browsers = []
    for code in enrolled[1][:3]:
        browsers.append(after_password())
        assert answer(browsers[-1], code) == 302
        again(browsers[-1])
    second_factor.delete(user.pk)
    phone, _ = enrol(after_password(), user)
    clock.advance(STEP)
    assert wrong_codes(browsers, 6) == 5
    assert phone


def test_known_browsers_together_have_a_ceiling_of_codes(enrolled: Any, set_rule: Any) -> None:
    set_rule("STAFF_KNOWN_DEVICE_TRIES", (rules.Limit(7, timedelta(days=1)),))
    browsers = []
    for code in enrolled[1][:3]:
        browsers.append(after_password())
        assert answer(browsers[-1], code) == 302
        again(browsers[-1])
    assert wrong_codes(browsers, 5) == 7


# ── When it is asked for ──
@pytest.mark.parametrize("by", ["setting", "profile"])
def test_where_it_is_required_older_sessions_end(by: str, settings: Any, user: User) -> None:
    settings.MENPAI_STAFF_SECOND_FACTOR = "optional"
    browser = signed_in()
    assert is_in(browser)
    if by == "setting":
        settings.MENPAI_STAFF_SECOND_FACTOR = "required"
    else:
        settings.MENPAI_PASSWORD_PROFILE = "mlps"
    assert not is_in(browser)
    assert after_password().get(INDEX).status_code == 302


def test_where_it_is_optional_it_is_asked_of_those_who_have_one(settings: Any, user: User, clock: Any) -> None:
    settings.MENPAI_STAFF_SECOND_FACTOR = "optional"
    mine, thief = signed_in(), signed_in()
    assert thief.get("/admin/second-factor/enrol/").status_code == 403
    phone, _ = enrol(mine, user)
    assert is_in(mine) and not is_in(thief)
    clock.advance(STEP)
    assert answer(after_password(), phone.code()) == 302


# ── The shell and the keys ──
def menpai(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "menpai", *arguments]
    return subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False)


def test_a_lost_phone_is_reset_from_the_shell(enrolled: Any, clock: Any) -> None:
    phone, _ = enrolled
    browser = after_password()
    assert answer(browser, phone.code()) == 302
    assert "reset-factor ops" in menpai("staff", "enrol", "ops").stderr
    done = menpai("staff", "reset-factor", "ops")
    assert (done.returncode, "menpai staff enrol ops" in done.stdout) == (0, True)
    assert not is_in(browser) and not StaffBackupCode.objects.exists()
    link = menpai("staff", "enrol", "ops").stdout.splitlines()[0]
    again = after_password()
    page = again.get(f"/admin/{link.partition('/admin/')[2]}", follow=True).content.decode()
    new = Phone(page)
    assert again.post("/admin/second-factor/enrol/", {"code": new.code(), **csrf(page)}).status_code == 200
    assert is_in(again)
    whats = [row.details["what"] for row in written(events.ADMIN_ACTION)]
    assert whats == ["enrol_factor", "reset_factor", "enrolment_link", "enrol_factor"]
    unknown = menpai("staff", "enrol", "nobody")
    assert (unknown.returncode, "no member of staff" in unknown.stderr) == (1, True)


def test_the_secret_is_sealed_and_its_key_stays_until_it_is_sealed_anew(
    enrolled: Any, user: User, settings: Any, tmp_path: Path
) -> None:
    phone, _ = enrolled
    path = tmp_path / "keys.json"
    path.write_bytes(settings.MENPAI_KEYS_FILE.read_bytes())
    settings.MENPAI_KEYS_FILE = path
    old = ring.secrets_of("sealing")[0][0]
    assert StaffFactor.objects.get().secret.startswith(f"{old}:")
    key_file.rotate(path, ["sealing"], timedelta(0))
    ring._known.clear()

    def needed() -> str:
        now = datetime.now(UTC) + timedelta(hours=1)
        return "".join(
            former.needed for former in rotation.former_keys({"sealing": key_file.read(path)["sealing"]}, now)
        )

    assert "second factors of 1 members of staff" in needed()
    assert answer(after_password(), phone.code()) == 302
    assert needed() == ""
    User.objects.get(pk=user.pk).delete()
    assert not StaffFactor.objects.exists()
