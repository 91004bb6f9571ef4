"""Settings: where things run. docs/configuration.md lists every variable; `menpai run` needs none.

Behaviour (numbers, lifetimes) is in rules.py; process/checks.py refuses an unsafe production start.
"""

import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from menpai import environment, rules
from menpai.environment import logs, urls
from menpai.http.loopback import is_loopback
from menpai.keys import file as key_file

# run: development, with generated secrets. web, worker: production, nothing is generated. Set by `menpai`.
MENPAI_MODE = environment.choice("MENPAI_MODE", "tool", ("run", "web", "worker", "tool"))
PRODUCTION = MENPAI_MODE in ("web", "worker")
DEBUG = False

# ── Places ──
MENPAI_HOST = environment.text("MENPAI_HOST", "127.0.0.1")
MENPAI_PORT = environment.number("MENPAI_PORT", 8000)
MENPAI_DATA_DIR = Path(environment.text("MENPAI_DATA_DIR", "var")).absolute()
MENPAI_PUBLIC_URL = environment.text("MENPAI_PUBLIC_URL", f"http://127.0.0.1:{MENPAI_PORT}").rstrip("/")
MENPAI_ACTIVATE_URL = environment.text("MENPAI_ACTIVATE_URL", f"{MENPAI_PUBLIC_URL}/activate")
MENPAI_WORKERS = environment.number("MENPAI_WORKERS", 0)  # 0: one per core
MENPAI_TRUSTED_PROXIES = environment.number("MENPAI_TRUSTED_PROXIES", 0)
MENPAI_METRICS_HOST = environment.text("MENPAI_METRICS_HOST", "127.0.0.1")
MENPAI_METRICS_PORT = environment.number("MENPAI_METRICS_PORT", 0)  # 0: no listener

# ── Secrets ──
MENPAI_KEYS_FILE = Path(environment.text("MENPAI_KEYS_FILE", str(MENPAI_DATA_DIR / "keys.json"))).absolute()
SECRET_KEY = environment.text("MENPAI_SECRET_KEY")
_kept_secret = MENPAI_DATA_DIR / "secret.key"
if MENPAI_MODE == "run":
    # Only development generates secrets: two hosts with secrets of their own would refuse each other's tokens.
    if not MENPAI_KEYS_FILE.exists():
        key_file.create(MENPAI_KEYS_FILE)
    key_file.add_missing_kinds(MENPAI_KEYS_FILE)
    if not SECRET_KEY and not _kept_secret.exists():
        MENPAI_DATA_DIR.mkdir(parents=True, exist_ok=True)
        _kept_secret.touch(mode=0o600)
        _kept_secret.write_text(secrets.token_urlsafe(48), encoding="ascii")
if not PRODUCTION and not SECRET_KEY and _kept_secret.exists():
    SECRET_KEY = _kept_secret.read_text(encoding="ascii")
SECRET_KEY_IS_SET = bool(SECRET_KEY)
SECRET_KEY_FALLBACKS = environment.listed("MENPAI_SECRET_KEY_FALLBACKS")
SECRET_KEY = SECRET_KEY or "unset"
MENPAI_TOKEN_ALGORITHM = environment.choice("MENPAI_TOKEN_ALGORITHM", "EdDSA", ("EdDSA", "HS256"))
MENPAI_TOKEN_SHARED_KEY = environment.text("MENPAI_TOKEN_SHARED_KEY")
MENPAI_HOOK_SECRET = environment.text("MENPAI_HOOK_SECRET")
MENPAI_METRICS_TOKEN = environment.text("MENPAI_METRICS_TOKEN")

# ── Database, store, queue ──
MENPAI_DATABASE_URL = environment.text("MENPAI_DATABASE_URL")
MENPAI_DATABASE_POOLER = environment.switch("MENPAI_DATABASE_POOLER")
_sqlite: dict[str, Any] = {
    "ENGINE": "menpai.database.sqlite3",
    "NAME": MENPAI_DATA_DIR / "menpai.sqlite3",
    "CONN_MAX_AGE": None,
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": rules.SQLITE_WRITE_WAIT.total_seconds(),
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=134217728;",
    },
}
DATABASES: dict[str, Any] = {
    "default": (
        urls.database(MENPAI_DATABASE_URL, patient=MENPAI_MODE == "tool", pooled=MENPAI_DATABASE_POOLER)
        if MENPAI_DATABASE_URL
        else _sqlite
    ),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MENPAI_REDIS_URL = urls.redis("MENPAI_REDIS_URL")
MENPAI_BROKER_URL = urls.redis("MENPAI_BROKER_URL", urls.BROKER_SCHEMES)
MENPAI_RESULT_BACKEND_URL = urls.redis("MENPAI_RESULT_BACKEND_URL", urls.BROKER_SCHEMES)
MENPAI_SESSION_REDIS_URL = urls.redis("MENPAI_SESSION_REDIS_URL") or urls.with_redis_database(MENPAI_REDIS_URL, 1)
# What unfold would keep for minutes is worth no place.
CACHES: dict[str, Any] = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
if MENPAI_SESSION_REDIS_URL:
    # Staff stay signed in through a Redis restart: `cached_db` falls back on the row (decisions.md 25).
    _timeouts = {
        "socket_timeout": rules.STORE_TIMEOUT.total_seconds(),
        "socket_connect_timeout": rules.STORE_TIMEOUT.total_seconds(),
    }
    CACHES["session"] = {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": MENPAI_SESSION_REDIS_URL,
        "KEY_PREFIX": "menpai-signed",  # the version before pickles, under another name
        "OPTIONS": {
            "IGNORE_EXCEPTIONS": True,
            "CONNECTION_POOL_KWARGS": _timeouts,
            "SERIALIZER": "menpai.staff.sessions.Signed",
        },
    }
    DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True
    SESSION_ENGINE = "menpai.staff.sessions"
    SESSION_CACHE_ALIAS = "session"
else:
    SESSION_ENGINE = "django.contrib.sessions.backends.db"

# ── Mail and SMS ──
MENPAI_EMAIL_URL = environment.text("MENPAI_EMAIL_URL", "outbox://")
MENPAI_EMAIL_IS_OUTBOX = MENPAI_EMAIL_URL.startswith("outbox:")
MENPAI_EMAIL_AUTHORITIES = ""
if not MENPAI_EMAIL_IS_OUTBOX:
    globals().update(urls.mail(MENPAI_EMAIL_URL))
EMAIL_TIMEOUT = rules.CONNECT_TIMEOUT.total_seconds()
MENPAI_MAIL_FROM = environment.text("MENPAI_MAIL_FROM", "门牌 <no-reply@localhost>")
MENPAI_SMS_GATEWAYS = environment.listed("MENPAI_SMS_GATEWAYS", "outbox")
MENPAI_MOBILE_REGIONS = environment.listed("MENPAI_MOBILE_REGIONS", "CN")
MENPAI_SMS_ROUTES = environment.text("MENPAI_SMS_ROUTES")  # delivery/routes.py
MENPAI_SMS_RECEIPT_NETWORKS = environment.listed("MENPAI_SMS_RECEIPT_NETWORKS")
MENPAI_DEV_MAILBOX = MENPAI_MODE == "run" or environment.switch("MENPAI_DEV_MAILBOX")

# ── Social sign-in ──
# In development, providers without keys are simulated (social/providers/locmem.py).
_is_simulated = MENPAI_DEV_MAILBOX and not PRODUCTION and is_loopback(urlsplit(MENPAI_PUBLIC_URL).hostname)
MENPAI_SOCIAL_PROVIDERS = environment.listed(
    "MENPAI_SOCIAL_PROVIDERS", "weibo,wechat,qq,alipay" if _is_simulated else ""
)

# ── Captcha ──
WHEN = ("auto", "always", "never")
MENPAI_CAPTCHA_BEFORE_SMS = environment.choice("MENPAI_CAPTCHA_BEFORE_SMS", "auto", WHEN)
MENPAI_CAPTCHA_BEFORE_LOGIN = environment.choice("MENPAI_CAPTCHA_BEFORE_LOGIN", "auto", WHEN)
MENPAI_GEETEST_VERSION = environment.choice("MENPAI_GEETEST_VERSION", "3", ("3", "4"))

# ── The contracts ──
MENPAI_DADA_LOGIN_REQUIRED_CODE = environment.number("MENPAI_DADA_LOGIN_REQUIRED_CODE", 10101)
MENPAI_RECOVERY_COMPAT = environment.switch("MENPAI_RECOVERY_COMPAT")
MENPAI_PASSWORD_PROFILE = environment.choice("MENPAI_PASSWORD_PROFILE", "asvs", tuple(rules.PASSWORD_PROFILES))
MENPAI_PASSWORD_MIN_LENGTH = environment.number(
    "MENPAI_PASSWORD_MIN_LENGTH", rules.PASSWORD_PROFILES[MENPAI_PASSWORD_PROFILE]
)
MENPAI_CART_MERGE_URL = environment.text("MENPAI_CART_MERGE_URL")
MENPAI_ALERT_URL = environment.text("MENPAI_ALERT_URL")
# What may be spent on SMS, in millionths of a yuan (delivery/budget.py).
MENPAI_SMS_BUDGET_HOUR = environment.yuan("MENPAI_SMS_BUDGET_HOUR")
MENPAI_SMS_BUDGET_DAY = environment.yuan("MENPAI_SMS_BUDGET_DAY")
MENPAI_MOBILE_CHECK = environment.choice("MENPAI_MOBILE_CHECK", "on", ("on", "off"))
MENPAI_BRAND_NAME = environment.text("MENPAI_BRAND_NAME", "门牌")
MENPAI_BRAND_LOGO_URL = environment.text("MENPAI_BRAND_LOGO_URL")
MENPAI_BRAND_COLOR = environment.text("MENPAI_BRAND_COLOR", "#0b57a4")
MENPAI_BRAND_ICP = environment.text("MENPAI_BRAND_ICP")
# Registration accepts this version; the operator names a new one freely.
MENPAI_TERMS_VERSION = environment.text("MENPAI_TERMS_VERSION", "2026-11")
MENPAI_TERMS_URL = environment.text("MENPAI_TERMS_URL", "/terms")
MENPAI_PRIVACY_URL = environment.text("MENPAI_PRIVACY_URL", "/privacy")

# ── Staff ──
MENPAI_STAFF_NETWORKS = environment.networks("MENPAI_STAFF_NETWORKS")
MENPAI_STAFF_SECOND_FACTOR = environment.choice(
    "MENPAI_STAFF_SECOND_FACTOR", "optional", ("optional", "required")
)  # with the profile `mlps` it is required

# ── Django ──
INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "ninja",  # for the files of its docs page
    "menpai.apps.MenpaiConfig",
]
if MENPAI_MODE == "worker":
    INSTALLED_APPS = ["menpai.apps.MenpaiConfig"]  # it serves no requests: 12 MiB less without the staff admin
# Django's sessions, sign-in and CSRF check are for staff: outside /admin/ they do nothing (staff/middleware.py).
MIDDLEWARE = [
    "menpai.contracts.middleware.ResponseHeaders",
    "corsheaders.middleware.CorsMiddleware",
    "menpai.staff.middleware.Sessions",
    "menpai.staff.middleware.Networks",
    "menpai.staff.middleware.Common",
    "menpai.staff.middleware.Csrf",
    "menpai.staff.middleware.Authentication",
    "menpai.staff.middleware.Messages",
    "menpai.staff.middleware.SignedIn",
    "menpai.staff.middleware.Refusals",
]
ROOT_URLCONF = "menpai.urls"
WSGI_APPLICATION = "menpai.wsgi.application"
APPEND_SLASH = False
_public = urlsplit(MENPAI_PUBLIC_URL)
ALLOWED_HOSTS = environment.listed("MENPAI_ALLOWED_HOSTS") or [
    "127.0.0.1",
    "localhost",
    "[::1]",
    _public.hostname or "",
]
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]
CORS_ALLOWED_ORIGINS = environment.listed("MENPAI_CORS_ORIGINS")
CORS_ALLOW_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
CORS_ALLOW_HEADERS = ["authorization", "content-type", "idempotency-key"]
CORS_EXPOSE_HEADERS = ["retry-after"]
CORS_URLS_REGEX = r"^/(v1|users?|api)(/|\Z)"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
STATIC_URL = "/static/"
STORAGES = {"staticfiles": {"BACKEND": "menpai.pages.static_files.Hashed"}}
SECURE = MENPAI_PUBLIC_URL.startswith("https:")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "menpai_staff"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/admin/"
SESSION_COOKIE_AGE = int(rules.STAFF_IDLE.total_seconds())
DATA_UPLOAD_MAX_MEMORY_SIZE = rules.RECEIPT_BYTES  # process/rsgi.py reads no more; contracts have a smaller bound
MENPAI_LOG_FORMAT = environment.choice(logs.VARIABLE, "text", logs.FORMATS)
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": logs.formatter("{asctime} {levelname} {name} {message}")},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "nowhere": {"class": "logging.NullHandler"},  # with no handler at all Python would print it after all
    },
    "root": {"handlers": ["console"], "level": environment.choice("MENPAI_LOG_LEVEL", "INFO", LEVELS)},
    "loggers": {
        # Addresses hold mobiles, codes and a vendor's account id: what logs whole addresses is silent, and faults are
        # logged by contracts/edge.py.
        "django.request": {"handlers": ["nowhere"], "propagate": False},
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
    },
}
LOGIN_REDIRECT_URL = "/admin/"
# The first one decides; sessions name Django's own, which the version before knows too.
AUTHENTICATION_BACKENDS = ["menpai.staff.sign_in.Backend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["menpai.staff.hashing.Argon2", "menpai.staff.hashing.Pbkdf2"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": max(MENPAI_PASSWORD_MIN_LENGTH, rules.PASSWORD_MIN_LENGTH)},
    },
    {"NAME": "menpai.staff.passwords.NotCommon"},
    {"NAME": "menpai.staff.passwords.Mlps"},
]
UNFOLD = {
    "SITE_TITLE": f"{MENPAI_BRAND_NAME} 控制台",
    "SITE_HEADER": MENPAI_BRAND_NAME,
    "SITE_SYMBOL": "door_front",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "/static/menpai/plate.svg"}],
    "ACCOUNT": {"navigation": [{"title": "两步验证", "link": "/admin/second-factor/enrol/"}]},
    # The plate's blue, from the palest to the darkest.
    "COLORS": {
        "primary": {
            "50": "#eef5fc",
            "100": "#d8e8f8",
            "200": "#b4d1f1",
            "300": "#7db4f0",
            "400": "#6aa6e4",
            "500": "#4a8fd8",
            "600": "#0b57a4",
            "700": "#0a4a8c",
            "800": "#0b3f74",
            "900": "#0d3560",
            "950": "#092340",
        }
    },
}
