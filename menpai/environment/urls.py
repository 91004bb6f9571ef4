"""Settings that are URLs: every parameter is understood, or refused with a name that it resembles.

No error quotes a URL: it holds a password.
"""

import difflib
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

from menpai.environment import BOOLEANS, BadSetting, text

SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
SSL_FILES = ("sslcert", "sslkey", "sslrootcert", "sslcrl")  # libpq is silent about some that are missing
REDIS_SCHEMES = ("redis", "rediss", "unix")
BROKER_SCHEMES = ("redis", "rediss", "redis+socket")
_SOCKETS = ("unix", "redis+socket")
_CLIENT = ("username", "password", "client_name", "max_connections", "health_check_interval", "retry_on_timeout")
_TIMES = ("socket_timeout", "socket_connect_timeout", "socket_keepalive")
_TLS = ("ssl_cert_reqs", "ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile", "ssl_check_hostname")
# `tls` is ours. redis-py reads the others; it passes anything else on, and fails with the first command.
REDIS_PARAMETERS = ("db", "tls", *_CLIENT, *_TIMES, *_TLS, "ssl_min_version")
BROKER_PARAMETERS = ("virtual_host", *REDIS_PARAMETERS)  # kombu's name for `db` behind a socket's path


def database(url: str, *, patient: bool = False, pooled: bool = False) -> dict[str, object]:
    """Returns Django's settings of a PostgreSQL database, with every parameter of the URL.

    Waiting 3 s for a lock or 10 s for a statement ends in a 503 instead of a hanging page. With `patient`, for
    migrations and the sweep by hand, statements may take any time. A pooler in transaction mode (`pooled`) refuses
    such options at the start of a connection: there the database's role has them (docs/operations.md).
    """
    values = _libpq(url)
    limits = "-c lock_timeout=3000" + ("" if patient else " -c statement_timeout=10000")
    options = " ".join(filter(None, ["" if pooled else limits, str(values.pop("options", ""))]))
    named = {key: str(values.pop(name, "")) for key, name in _DJANGO_NAMES.items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **named,
        # Persistent connections: opening one per request costs a factor of 6 to 10 (docs/performance.md).
        "CONN_MAX_AGE": None,
        "DISABLE_SERVER_SIDE_CURSORS": pooled,
        # Django's default of None would make psycopg deaf to `prepare=True` (database/compiled.py).
        "OPTIONS": {"connect_timeout": 2, "prepare_threshold": None if pooled else 5, **values}
        | ({"options": options} if options else {}),
    }


_DJANGO_NAMES = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}


def _libpq(url: str) -> dict[str, str]:
    """The parameters of a connection, read by libpq itself."""
    import psycopg  # the embedded run never needs it
    from psycopg.conninfo import conninfo_to_dict

    variable, example = "MENPAI_DATABASE_URL", "postgresql://user:password@host:port/name"
    parts = _split(variable, url, ("postgresql", "postgres"), example)
    known = [option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()]
    _refuse_unknown(variable, parts, [*known, "ssl"])
    try:
        values = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    except (psycopg.ProgrammingError, UnicodeError):
        raise BadSetting(f"{variable}: write {example}, with %40 for an @ in the password.") from None
    if not values.get("dbname"):
        raise BadSetting(f"{variable}: names no database. Write {example}.")
    if (mode := values.get("sslmode", "prefer")) not in SSL_MODES:
        raise BadSetting(f"{variable}: sslmode={mode!r}: one of {', '.join(SSL_MODES)}.")
    for name in SSL_FILES:
        if (path := values.get(name, "system")) not in ("", "system") and not Path(path).is_file():
            raise BadSetting(f"{variable}: {name}={path!r}: there is no such file.")
    return values


def redis(variable: str, schemes: tuple[str, ...] = REDIS_SCHEMES) -> str:
    """Returns the URL of a Redis or of a broker, as its client reads it; empty if there is none.

    Raises BadSetting.
    """
    url = text(variable)
    if not url:
        return ""
    example = "redis://:password@host:6379/2, rediss://… or unix:///path/of/the/socket?db=2"
    parts = _split(variable, url, schemes, example)
    _refuse_unknown(variable, parts, BROKER_PARAMETERS if schemes == BROKER_SCHEMES else REDIS_PARAMETERS)
    parameters = _parameters(parts)
    if (tls := parameters.pop("tls", "0")).lower() not in BOOLEANS or BOOLEANS[tls.lower()]:
        raise BadSetting(f"{variable}: tls={tls!r}: write rediss:// for TLS, or tls=0 where clear text is meant.")
    path = parts.path.strip("/")
    has_place = bool(path) if parts.scheme in _SOCKETS else bool(parts.hostname) and (path or "0").isdecimal()
    if not has_place or not parameters.get("db", "0").isdecimal():
        raise BadSetting(f"{variable}: write {example}; the database is a number.")
    return _joined(parts, parameters)


def with_redis_database(url: str, number: int) -> str:
    """Returns the URL of another database of the same Redis; empty if there is none."""
    parts = urlsplit(url)
    parameters = {name: value for name, value in _parameters(parts).items() if name != "db"}
    if parts.scheme == "unix":
        parameters["db"] = str(number)
    elif url:
        parts = parts._replace(path=f"/{number}")
    return _joined(parts, parameters)


def mail(url: str) -> dict[str, object]:
    """Returns Django's EMAIL_… settings for `smtp://user:password@host:port`, or `smtps://…`.

    Raises BadSetting.

    `?tls=1` requires STARTTLS; `?tls=0` says that clear text is meant.
    """
    variable, example = "MENPAI_EMAIL_URL", "outbox://, smtp://user:password@host:port?tls=1 or smtps://…"
    parts = _split(variable, url, ("smtp", "smtps"), example)
    _refuse_unknown(variable, parts, ["tls"])
    tls = _parameters(parts).get("tls", "0").lower()
    secure = parts.scheme == "smtps"
    if not parts.hostname or parts.path.strip("/"):
        raise BadSetting(f"{variable}: write {example}.")
    if tls not in BOOLEANS:
        raise BadSetting(f"{variable}: tls={tls!r}: write 1 or 0.")
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if secure else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": secure,
        "EMAIL_USE_TLS": not secure and BOOLEANS[tls],
    }


def cleartext_hosts(url: str) -> list[str]:
    """Returns the hosts to which a password may travel in clear, unless the URL says that this is meant."""
    parts = urlsplit(url)
    if parts.scheme in ("postgresql", "postgres"):
        values = _libpq(url)
        is_settled = values.get("sslmode") in ("disable", "require", "verify-ca", "verify-full")
        hosts, password = values.get("host", "").split(","), values.get("password")
    else:
        is_settled = parts.scheme in ("rediss", "smtps", *_SOCKETS) or "tls" in _parameters(parts)
        hosts, password = [parts.hostname or ""], parts.password
    return [host for host in hosts if host and not host.startswith("/")] if password and not is_settled else []


def _joined(parts: SplitResult, parameters: dict[str, str]) -> str:
    """The URL with these parameters. (urlunsplit would make `unix:/path` of `unix:///path`.)"""
    query = f"?{urlencode(parameters)}" if parameters else ""
    return f"{parts.scheme}://{parts.netloc}{parts.path}{query}" if parts.scheme else ""


def _parameters(parts: SplitResult) -> dict[str, str]:
    return dict(parse_qsl(parts.query, keep_blank_values=True))


def _split(variable: str, url: str, schemes: Iterable[str], example: str) -> SplitResult:
    if "#" in url:
        raise BadSetting(f"{variable}: write {example}, with %23 for a # in the password.")
    try:
        parts = urlsplit(url)
        _ = parts.port if "," not in parts.netloc else None  # several hosts: libpq reads them
    except ValueError:
        raise BadSetting(f"{variable}: the host or port cannot be read. Write {example}.") from None
    if parts.scheme not in schemes:
        raise BadSetting(f"{variable}: write {example}.")
    return parts


def _refuse_unknown(variable: str, parts: SplitResult, known: Iterable[str]) -> None:
    for name in _parameters(parts):
        if name not in known:
            similar = difflib.get_close_matches(name, list(known), 1)
            hint = f"Do you mean {similar[0]}?" if similar else f"Known: {', '.join(sorted(known))}."
            raise BadSetting(f"{variable}: there is no parameter {name!r}. {hint}")
