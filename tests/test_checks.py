"""What keeps a service from starting, and what is only said. The words are for the person who reads them at a start."""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from menpai.captcha import geetest
from menpai.keys import file as key_file
from menpai.process import checks

SECRET = "for tests only, as long as it has to be"
GEETEST = {"MENPAI_GEETEST_ID": "x" * 32, "MENPAI_GEETEST_KEY": "y" * 32}


@pytest.fixture
def production(settings: Any, tmp_path: Path) -> Iterator[Any]:
    """Settings of a production that nothing is wrong with; each test spoils one."""
    settings.PRODUCTION = True
    settings.SECRET_KEY, settings.SECRET_KEY_IS_SET = SECRET, True
    settings.MENPAI_DATABASE_URL = "postgresql://127.0.0.1/menpai"
    settings.MENPAI_PUBLIC_URL = "https://account.example.com"
    settings.MENPAI_TRUSTED_PROXIES = 1
    settings.MENPAI_DEV_MAILBOX = False
    settings.MENPAI_EMAIL_IS_OUTBOX = False
    settings.MENPAI_MAIL_FROM = "门牌 <no-reply@example.com>"
    settings.MENPAI_SMS_GATEWAYS = ["yuntongxun"]
    settings.MENPAI_SOCIAL_PROVIDERS = []
    return settings


@pytest.fixture(autouse=True)
def gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCOUNT_SID", "AUTH_TOKEN", "APP_ID"):
        monkeypatch.setenv(f"MENPAI_YUNTONGXUN_{name}", "x" * 32)


def finding_ids() -> list[str]:
    return [str(finding.id).removeprefix("menpai.") for finding in checks.check_settings()]


GOOD_SECRETS = {
    "MENPAI_HOOK_SECRET": "w7Qm-2kPz_hook-Vb81xTnE40rLsYd6cU",
    "SECRET_KEY_FALLBACKS": [SECRET[::-1]],
    "MENPAI_DATABASE_URL": "postgresql://menpai:v7rQzmK2pXw9@db/menpai",
    "MENPAI_REDIS_URL": "redis://:v7rQzmK2pXw9@store:6379/2",
    "MENPAI_BROKER_URL": "redis://127.0.0.1:6379/14",
}
TRIAL = {"MENPAI_DEV_MAILBOX": True, "MENPAI_EMAIL_IS_OUTBOX": True, "MENPAI_SMS_GATEWAYS": ["outbox"]}


@pytest.mark.parametrize(
    ("changes", "findings"),
    [
        ({}, ""),
        (GOOD_SECRETS, ""),
        (GEETEST, ""),
        (TRIAL | {"MENPAI_PUBLIC_URL": "http://127.0.0.1:8000"}, "W013"),  # which may keep its messages
        (TRIAL, "E013"),
        ({"SECRET_KEY_IS_SET": False}, "E001"),
        ({"SECRET_KEY": "x" * 31}, "E002"),
        ({"MENPAI_TOKEN_ALGORITHM": "HS256", "MENPAI_TOKEN_SHARED_KEY": "k" * 31}, "E004"),
        ({"MENPAI_TOKEN_ALGORITHM": "HS256", "MENPAI_TOKEN_SHARED_KEY": "e5a1" + SECRET}, "W005"),
        ({"MENPAI_RECOVERY_COMPAT": True}, "W006"),
        ({"MENPAI_PUBLIC_URL": "account.example.com"}, "E007"),
        ({"MENPAI_PUBLIC_URL": "http://account.example.com"}, "W008"),
        ({"ALLOWED_HOSTS": ["*"]}, "E009"),
        ({"CORS_ALLOWED_ORIGINS": ["*"]}, "E009"),
        ({"MENPAI_DATABASE_URL": ""}, "W010"),
        ({"MENPAI_TRUSTED_PROXIES": 0}, "W011"),
        ({"MENPAI_SMS_GATEWAYS": ["outbox"]}, "E012"),
        ({"MENPAI_SMS_GATEWAYS": []}, "E012"),
        ({"MENPAI_SMS_GATEWAYS": ["carrier-pigeon"]}, "E012"),
        ({"MENPAI_SMS_ROUTES": "CN yuntongxun"}, "E012"),
        ({"MENPAI_SMS_ROUTES": "CN: yuntongxun > carrier_pigeon"}, "E012"),
        ({"MENPAI_SMS_RECEIPT_NETWORKS": ["203.0.113.0/24", "vendor.example"]}, "E043"),
        ({"MENPAI_MOBILE_REGIONS": ["CN", "hongkong"]}, "E044"),
        ({"MENPAI_MOBILE_REGIONS": ["CN", "HK"]}, "W045"),  # the one gateway does not reach it
        ({"MENPAI_DEV_MAILBOX": True}, "E013"),
        ({"MENPAI_EMAIL_IS_OUTBOX": True}, "E014"),
        ({"MENPAI_MAIL_FROM": "门牌 <no-reply@localhost>"}, "W015"),
        ({"DEBUG": True}, "E030"),
        ({"SECRET_KEY": "x" * 64}, "E031"),
        ({"SECRET_KEY": "12345678" * 8}, "E031"),
        ({"SECRET_KEY": "django-insecure-7w!q0e4kz@v%8m#s2(r9b^t1"}, "E031"),
        ({"SECRET_KEY": "please-change-me-before-production-0123"}, "E031"),
        ({"MENPAI_HOOK_SECRET": "0123456701234567012345670123456701"}, "E031"),
        ({"SECRET_KEY_FALLBACKS": ["short"]}, "E032"),
        ({"SECRET_KEY_FALLBACKS": [SECRET[::-1], "ab" * 20]}, "E032"),
        ({"MENPAI_HOOK_SECRET": SECRET}, "E035"),
        ({"MENPAI_HOOK_SECRET": SECRET[:31]}, "E036"),
        ({"MENPAI_DATABASE_URL": "postgresql://menpai:menpai@db/menpai"}, "E037"),
        ({"MENPAI_DATABASE_URL": "postgresql://menpai:postgres@db/menpai"}, "E037"),
        ({"MENPAI_BROKER_URL": "redis://:p%61ssword@queue:6379/14"}, "E037"),
        ({"MENPAI_EMAIL_URL": "smtp://shop:Aa123456@mail:25"}, "E037"),
        ({"MENPAI_REDIS_URL": "redis://store:6379/2"}, "W038"),
        ({"MENPAI_PASSWORD_MIN_LENGTH": 5}, "E039"),
        ({"MENPAI_PASSWORD_MIN_LENGTH": 65}, "E039"),
        ({"MENPAI_PASSWORD_MIN_LENGTH": 6}, "W040"),
        ({"MENPAI_GEETEST_ID": "x" * 32}, "E041"),
        ({"MENPAI_GEETEST_KEY": "x" * 32}, "E041"),
        (GEETEST | {"MENPAI_GEETEST_BASE_URL": "http://api.geetest.com"}, "E041"),
        ({"MENPAI_SOCIAL_PROVIDERS": ["baidu"]}, "E042"),
    ],
)
def test_each_mistake_of_a_production_is_found(
    changes: dict[str, Any], findings: str, production: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in changes.items():
        if name in geetest.SETTINGS.defaults():
            monkeypatch.setenv(name, value)
        else:
            setattr(production, name, value)
    assert finding_ids() == findings.split()


def test_a_provider_without_its_keys_is_no_provider_in_production(
    production: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    production.MENPAI_SOCIAL_PROVIDERS = ["weibo", "wechat"]
    missing = ("weibo: MENPAI_WEIBO_CLIENT_ID", "weibo: MENPAI_WEIBO_CLIENT_SECRET")
    missing += ("wechat: MENPAI_WECHAT_APP_ID", "wechat: MENPAI_WECHAT_SECRET")
    messages = [str(finding.msg) for finding in checks.check_settings()]
    assert messages == [f"Social sign-in: {name} is not set." for name in missing]
    for name in ("WEIBO_CLIENT_ID", "WEIBO_CLIENT_SECRET", "WECHAT_MP_APP_ID", "WECHAT_MP_SECRET"):
        monkeypatch.setenv(f"MENPAI_{name}", "x" * 32)
    assert finding_ids() == []


def test_a_keys_file_that_is_missing_or_broken_is_found(production: Any, tmp_path: Path) -> None:
    production.MENPAI_KEYS_FILE = tmp_path / "none.json"
    assert finding_ids() == ["E003"]
    production.MENPAI_KEYS_FILE = tmp_path / "broken.json"
    production.MENPAI_KEYS_FILE.write_text("{}")
    assert finding_ids() == ["E003"]
    production.MENPAI_KEYS_FILE = tmp_path / "good.json"
    assert key_file.create(production.MENPAI_KEYS_FILE)
    assert finding_ids() == []


def damaged(path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """A keys file of which something is wrong."""
    key_file.create(path)
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))
    return path


def test_a_keys_file_of_a_version_before_says_how_it_is_completed(production: Any, tmp_path: Path) -> None:
    production.MENPAI_KEYS_FILE = damaged(tmp_path / "keys.json", lambda data: data.pop("password"))
    (finding,) = checks.check_settings()
    assert finding.id == "menpai.E003"
    assert "has no password key. Run `menpai keys`" in finding.msg


@pytest.mark.parametrize("kind", key_file.KINDS)
def test_a_short_key_is_found_wherever_it_stands(production: Any, tmp_path: Path, kind: str) -> None:
    short = {"id": "old", "key": base64.b64encode(b"x" * 31).decode()}
    production.MENPAI_KEYS_FILE = damaged(tmp_path / "keys.json", lambda data: data[kind].append(short))
    (finding,) = checks.check_settings()
    assert finding.id == "menpai.E034"
    assert f"A {kind} key" in finding.msg


@pytest.mark.parametrize(
    ("mode", "findings"),
    [(0o600, []), (0o400, []), (0o640, []), (0o644, ["E033"]), (0o604, ["E033"]), (0o660, ["E033"]), (0o666, ["E033"])],
)
def test_a_keys_file_that_lies_open_is_found(production: Any, tmp_path: Path, mode: int, findings: list[str]) -> None:
    production.MENPAI_KEYS_FILE = damaged(tmp_path / "keys.json", lambda data: None)
    production.MENPAI_KEYS_FILE.chmod(mode)
    assert finding_ids() == findings
    production.PRODUCTION = False
    assert "E033" not in finding_ids()


def test_a_gateway_that_lacks_something_says_what(production: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MENPAI_YUNTONGXUN_AUTH_TOKEN")
    (finding,) = checks.check_settings()
    assert finding.id == "menpai.E012"
    assert "yuntongxun" in finding.msg
    assert "AUTH_TOKEN" in finding.msg


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("MENPAI_PROT", "MENPAI_PORT"),
        ("MENPAI_RULE_SMS_CODE_LIVE", "MENPAI_RULE_SMS_CODE_LIFE"),
        ("MENPAI_YUNTONGXUN_ACOUNT_SID", "MENPAI_YUNTONGXUN_ACCOUNT_SID"),
        ("MENPAI_ALIYUN_TEMPLATE_SIGNIN_CODE", "MENPAI_ALIYUN_TEMPLATE_SIGN_IN_CODE"),
    ],
)
def test_a_name_with_a_typo_is_told_with_the_nearest_one(
    typo: str, meant: str, production: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(typo, "1")
    (finding,) = checks.check_settings()
    assert finding.id == "menpai.W016"
    assert typo in finding.msg
    assert meant in str(finding.hint)


def test_no_finding_quotes_a_secret(production: Any) -> None:
    production.SECRET_KEY = "short-and-secret"
    production.MENPAI_TOKEN_ALGORITHM = "HS256"
    production.MENPAI_TOKEN_SHARED_KEY = production.MENPAI_HOOK_SECRET = "short-and-secret"
    production.SECRET_KEY_FALLBACKS = ["short-and-secret"]
    production.MENPAI_DATABASE_URL = "postgresql://short-and-secret:short-and-secret@db/menpai"
    text = " ".join(f"{finding.msg} {finding.hint}" for finding in checks.check_settings())
    assert "short-and-secret" not in text


def test_a_migrated_database_passes() -> None:
    assert list(checks.migrations()) == []
