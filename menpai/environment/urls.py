"""Settings that are URLs: every parameter is understood, or refused with a name that it resembles.

No error quotes a URL: it holds a password.
"""

import difflib
import re
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
_TLS_FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
_TLS = ("ssl_cert_reqs", *_TLS_FILES, "ssl_ca_path", "ssl_check_hostname")
# `tls` is ours. redis-py reads the others; it passes anything else on, and fails with the first command.
REDIS_PARAMETERS = ("db", "tls", *_CLIENT, *_TIMES, *_TLS, "ssl_min_version")
BROKER_PARAMETERS = ("db", "virtual_host", "tls", *_TLS)  # kombu fails with the first message if there are others
_SWITCHES = ("socket_keepalive", "retry_on_timeout", "ssl_check_hostname")
_NUMBERS = ("max_connections", "health_check_interval", "socket_timeout", "socket_connect_timeout")
_CHOICES = {"ssl_cert_reqs": ("required", "optional", "none"), "ssl_min_version": ("771", "772")}  # TLS 1.2, 1.3


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
    parameters = {name: _redis_value(variable, name, value) for name, value in _parameters(parts).items()}
    if BOOLEANS.get(tls := parameters.pop("tls", "0").lower(), True):
        raise BadSetting(f"{variable}: tls={tls!r}: write rediss:// for TLS, or tls=0 where clear text is meant.")
    if parts.scheme == "rediss":
        parameters.setdefault("ssl_cert_reqs", "required")  # kombu would take any certificate
    elif ignored := [name for name in parameters if name.startswith("ssl_")]:
        raise BadSetting(f"{variable}: {ignored[0]} has no effect on {parts.scheme}://. Write rediss:// for TLS.")
    database = parameters.get("virtual_host", parameters.get("db", "0"))
    path = parts.path.strip("/")
    has_place = bool(path) if parts.scheme in _SOCKETS else bool(parts.hostname) and (path or "0").isdecimal()
    if not has_place or not database.isdecimal():
        raise BadSetting(f"{variable}: write {example}; the database is a number.")
    if schemes == BROKER_SCHEMES and parameters.keys() & {"db", "virtual_host"}:  # kombu reads one, and from one place
        parameters = {name: value for name, value in parameters.items() if name not in ("db", "virtual_host")}
        if parts.scheme in _SOCKETS:
            parameters["virtual_host"] = database
        else:
            parts = parts._replace(path=f"/{database}")
    return _joined(parts, parameters)


def _redis_value(variable: str, name: str, value: str) -> str:
    """The value of a parameter in the form that redis-py and kombu both read. Raises BadSetting."""
    refusal = f"{variable}: {name}={value!r}: "
    if name in _SWITCHES:
        if value.lower() not in BOOLEANS:
            raise BadSetting(refusal + "write 1 or 0.")
        return str(BOOLEANS[value.lower()]).lower()
    if name in _NUMBERS and not re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
        raise BadSetting(refusal + "write a number.")
    if name in _CHOICES:
        value = value.lower().removeprefix("cert_")  # Celery's spelling
        if value not in _CHOICES[name]:
            raise BadSetting(refusal + f"one of {', '.join(_CHOICES[name])}.")
    if name in _TLS_FILES and not Path(value).is_file():
        raise BadSetting(refusal + "there is no such file.")
    return value


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

    `?tls=1` requires STARTTLS; `?tls=0` says that clear text is meant. `ssl_ca_certs` names the CAs in place of the
    system's.
    """
    variable, example = "MENPAI_EMAIL_URL", "outbox://, smtp://user:password@host:port?tls=1 or smtps://…"
    parts = _split(variable, url, ("smtp", "smtps"), example)
    _refuse_unknown(variable, parts, ["tls", "ssl_ca_certs"])
    parameters = _parameters(parts)
    tls, authorities = parameters.get("tls", "0").lower(), parameters.get("ssl_ca_certs", "")
    secure = parts.scheme == "smtps"
    if not parts.hostname or parts.path.strip("/"):
        raise BadSetting(f"{variable}: write {example}.")
    if tls not in BOOLEANS:
        raise BadSetting(f"{variable}: tls={tls!r}: write 1 or 0.")
    if authorities and not (secure or BOOLEANS[tls]):
        raise BadSetting(f"{variable}: ssl_ca_certs has no effect without TLS. Write ?tls=1 or smtps://….")
    if authorities and not Path(authorities).is_file():
        raise BadSetting(f"{variable}: ssl_ca_certs={authorities!r}: there is no such file.")
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if secure else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": secure,
        "EMAIL_USE_TLS": not secure and BOOLEANS[tls],
        "MENPAI_EMAIL_AUTHORITIES": authorities,
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
