"""What only a real server can show: `menpai web` with two workers, spoken to byte by byte where clients tidy up."""

import contextlib
import json
import os
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.customers import PASSWORD, body, somebody
from tests.rig.children import until
from tests.rig.service import Service

WRONG = {"username": "nobody_here", "password": PASSWORD}
TOO_LARGE = {"code": 10100, "error": "无效参数", "reason": "Invalid parameters"}


@pytest.fixture(scope="module")
def web(service: Callable[..., Service]) -> Iterator[Service]:
    started = service("web", MENPAI_WORKERS="2")
    until(lambda: len(started.children()) == 2, 10, "two workers")
    yield started
    started.stop()


@pytest.fixture
def live(web: Service) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=web.url) as client:
        yield client


@pytest.fixture
def spoken(web: Service) -> Callable[..., str]:
    """Send these on one connection, half of which may end then, and read until so many answers or the end have come."""

    def speak(*requests: str, answers: int = 0, ends: bool = False) -> str:
        heard = b""
        line = socket.create_connection(("127.0.0.1", web.port), timeout=15)
        with line, contextlib.suppress(OSError):  # the other side may hang up before it has heard all
            line.sendall("".join(requests).replace("\n", "\r\n").encode())
            if ends:
                line.shutdown(socket.SHUT_WR)
            while chunk := line.recv(65536):
                heard += chunk
                if answers and heard.count(b"HTTP/1.1 ") == answers and heard.endswith(b"}"):
                    break
        return heard.decode()

    return speak


def in_chunks(content: bytes, size: int = 1000) -> Iterator[bytes]:
    """httpx sends an iterator with `Transfer-Encoding: chunked`."""
    return (content[at : at + size] for at in range(0, len(content), size))


# ── Bodies ──
def test_a_chunked_body_is_read_like_any_other(live: httpx.Client) -> None:
    person = somebody(live)
    content = json.dumps({"username": person.name, "password": PASSWORD}).encode()
    assert body(live.post("/v1/tokens", content=in_chunks(content, 7)))["code"] == 200


@pytest.mark.parametrize("size", [17 * 1024, 2 * 1024 * 1024])
@pytest.mark.parametrize("length", ["told", "not told"])
def test_a_body_over_16_kib_is_a_413_and_the_client_goes_on(live: httpx.Client, size: int, length: str) -> None:
    content = json.dumps(WRONG | {"padding": "x" * size}).encode()
    for _ in range(10):
        answer = live.post("/v1/tokens", content=content if length == "told" else in_chunks(content))
        assert (answer.status_code, answer.json()) == (413, TOO_LARGE)
        assert body(live.post("/v1/tokens", json={}))["code"] == 10100


@pytest.mark.parametrize("size", [10 * 1024, 17 * 1024, 2 * 1024 * 1024])
@pytest.mark.parametrize("length", ["told", "not told"])
def test_a_body_that_nobody_wanted_does_not_cost_the_next_request(live: httpx.Client, size: int, length: str) -> None:
    """With a body half read the server hangs up: it is heard out, or the answer says `Connection: close`."""
    content = b"x" * size
    for method, path in (("POST", "/v1/nowhere"), ("DELETE", "/v1/users/wang/address/1"), ("GET", "/livez")) * 5:
        answer = live.request(method, path, content=content if length == "told" else in_chunks(content))
        assert answer.status_code in (200, 404)
        assert body(live.post("/v1/tokens", json={}))["code"] == 10100


def test_16_kib_in_chunks_are_not_too_large(live: httpx.Client) -> None:
    padding = "x" * (16 * 1024 - len(json.dumps(WRONG | {"padding": ""})))
    content = json.dumps(WRONG | {"padding": padding}).encode()
    assert len(content) == 16 * 1024
    assert body(live.post("/v1/tokens", content=in_chunks(content)))["code"] == 10104


def test_a_body_that_ends_early_is_refused_and_nothing_happens(spoken: Callable[..., str]) -> None:
    heard = spoken('POST /v1/tokens HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 500\n\n{"username"', ends=True)
    assert "10100" in heard or heard == ""
    assert " 500 " not in heard


SLOW = {
    "short": "/v1/tokens HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 100\n\n{",
    "of unknown length": "/v1/tokens HTTP/1.1\nHost: 127.0.0.1\nTransfer-Encoding: chunked\n\n1\n{\n",
    "long": f"/v1/tokens HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 64000\n\n{'x' * 32000}",
    "for staff": "/admin/login/ HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 64000\n\nx",
    **{
        f"of {size} bytes": f"/admin/login/ HTTP/1.1\nHost: 127.0.0.1\nCookie: csrftoken={'x' * 32}\n"
        f"Content-Type: application/x-www-form-urlencoded\nContent-Length: {size}\n\n{'x' * 70_000}"
        for size in (200_000, 1_000_000)
    },
    "long and of unknown length": "/receipts/aliyun/x HTTP/1.1\nHost: 127.0.0.1\nTransfer-Encoding: chunked\n\n"
    f"{70_000:x}\n{'x' * 70_000}\n",
}


@pytest.mark.parametrize("request_line", SLOW.values(), ids=SLOW)
def test_bodies_that_are_slow_to_come_hold_no_thread(web: Service, live: httpx.Client, request_line: str) -> None:
    """More than all threads of both workers, which the proxies of docs/proxies would let through."""
    with contextlib.ExitStack() as stack:
        for _ in range(60):
            line = stack.enter_context(socket.create_connection(("127.0.0.1", web.port), 15))
            line.sendall(f"POST {request_line}".replace("\n", "\r\n").encode())
        assert {body(live.post("/v1/tokens", json={}))["code"] for _ in range(20)} == {10100}


def test_a_body_that_does_not_come_ends_its_connection(service: Callable[..., Service]) -> None:
    web = service("web", MENPAI_WORKERS="1", MENPAI_RULE_BODY_TIMEOUT="1s")
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(socket.create_connection(("127.0.0.1", web.port), 15)) for _ in SLOW]
        for line, request_line in zip(lines, SLOW.values(), strict=True):
            line.sendall(f"POST {request_line}".replace("\n", "\r\n").encode())
        statuses = {name: ended(line) for name, line in zip(SLOW, lines, strict=True)}
    assert statuses == dict.fromkeys(SLOW, 408) | {"of 1000000 bytes": 400}  # as Django says it
    web.stop()


def ended(line: socket.socket) -> int:
    """The status of the answer after which the server closed the connection."""
    heard = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := line.recv(65536):
            heard += chunk
    return int(heard.split(b" ")[1])


# ── Query strings ──
PATHS = (
    *("/login", "/", "/livez", "/admin/login/", "/admin/", "/static/menpai/nothing", "/api/session", "/nowhere"),
    *("/v1/users/activation", "/v1/users/weibo/authorization", "/v1/users/weibo/users", "/v1/users/wang/address"),
    *("/user/captcha/", "/user/sms/valid", "/user/sms/13812345678/", "/user/mobile/13812345678/", "/user/login"),
    *("/dev/mailbox", "/receipts/aliyun/x"),
)


@pytest.mark.parametrize("raw", [b"\xe5\xb0\x8f", b"\xff", b"\xe5\xb0", b"\xed\xa0\x80", b"%ff", b"%ed%a0%80", b"\xe9"])
def test_no_bytes_in_a_query_string_or_path_are_our_failure(raw: bytes, web: Service) -> None:
    for path in PATHS:
        for target in (path.encode() + b"?token=%b&x=%b" % (raw, raw), path.encode() + raw):
            head = b" %b HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n" % target
            for method in (b"GET", b"POST", b"HEAD"):
                assert 200 <= status_of(web, method + head) < 500, (method, target)


HEADERS = (
    "Host Cookie User-Agent Accept-Language Authorization Origin Referer Content-Type Content-Length Sec-Fetch-Site"
)


@pytest.mark.parametrize("header", [*HEADERS.split(), "X-Forwarded-For", "Idempotency-Key", "X-CSRFToken"])
def test_no_bytes_in_a_header_are_our_failure(header: str, web: Service) -> None:
    for path in PATHS:
        for method in ("GET", "POST"):
            for raw in ("小".encode(), b"a=b; c=\xff", b"\xe9"):
                head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{header}: ".encode() + raw
                assert 200 <= status_of(web, head + b"\r\n\r\n") < 500, (head, raw)


def test_a_cookie_outside_ascii_hides_the_others_of_its_line(live: httpx.Client, web: Service) -> None:
    """granian does not show us the line: ADR 0020."""
    person = somebody(live)
    sign_in = {"name": person.name, "password": PASSWORD, "session": "cookie"}
    assert live.post("/api/sessions", json=sign_in, headers={"origin": web.url}).status_code == 201
    cookies = "; ".join(f"{name}={value}" for name, value in live.cookies.items())
    seen = []
    for other in ("wang", "小王"):
        head = (
            f"GET /api/me HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nCookie: name={other}; {cookies}\r\n\r\n"
        )
        seen.append(status_of(web, head.encode()))
    assert seen == [200, 401]


def status_of(web: Service, request: bytes) -> int:
    with socket.create_connection(("127.0.0.1", web.port), timeout=15) as line:
        line.sendall(request)
        return int(line.recv(65536).split(b" ")[1])


@pytest.mark.parametrize("path", ["/users/login", "/v1/users/activation", "/user/sms/valid"])
def test_utf8_in_a_query_string_is_read_like_its_percent_encoding(path: str, spoken: Callable[..., str]) -> None:
    """With `?` in place of each character the two names would be one name twice, which is refused."""
    raw, quoted = "小=1&王=小王", "%E5%B0%8F=1&%E7%8E%8B=%E5%B0%8F%E7%8E%8B"
    head = f"GET {path}?token=x&mobile=13812345678&%s HTTP/1.1\nHost: 127.0.0.1\nConnection: close\n\n"
    bare, encoded = spoken(head % raw), spoken(head % quoted)
    meant = re.compile(r"HTTP/1.1 \d+|location: .*|{.*}")
    assert meant.findall(bare) == meant.findall(encoded)


# ── Connections ──
LIVEZ = "GET /livez HTTP/1.1\nHost: 127.0.0.1\n\n"


def test_requests_sent_together_are_answered_in_order(spoken: Callable[..., str]) -> None:
    heard = spoken(LIVEZ, "GET /v1/nowhere HTTP/1.1\nHost: 127.0.0.1\n\n", LIVEZ, answers=3)
    assert re.findall(r"HTTP/1.1 (\d+)", heard) == ["200", "404", "200"]


@pytest.mark.parametrize(("path", "status"), [("/livez", 200), ("/", 200), ("/v1/users/wang/address", 405)])
def test_an_answer_to_head_has_no_body(path: str, status: int, spoken: Callable[..., str]) -> None:
    heard = spoken(f"HEAD {path} HTTP/1.1\nHost: 127.0.0.1\n\n", LIVEZ, answers=2)
    head, _, rest = heard.partition("\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ")
    assert "content-length: " in head
    assert rest.startswith("HTTP/1.1 200 ")


def test_headers_over_8_kib_are_refused_before_any_of_ours_runs(live: httpx.Client, spoken: Callable[..., str]) -> None:
    assert live.get("/livez", headers={"x-long": "x" * 7000}).status_code == 200
    assert spoken(f"GET /livez HTTP/1.1\nHost: 127.0.0.1\nX-Long: {'x' * 9000}\n\n").startswith("HTTP/1.1 431 ")


@pytest.mark.parametrize("header", ["Content-Length: -5", "Content-Length: 5, 6", "Transfer-Encoding: gzip"])
def test_lengths_that_contradict_each_other_end_the_connection(header: str, spoken: Callable[..., str]) -> None:
    """Otherwise a proxy in front and we could disagree on where the next request begins."""
    heard = spoken(f"POST /v1/tokens HTTP/1.1\nHost: 127.0.0.1\n{header}\n\n", LIVEZ)
    assert heard.startswith("HTTP/1.1 400 ")
    assert heard.count("HTTP/1.1 ") == 1


# ── The end ──
@pytest.mark.parametrize("workers", ["1", "2"])
def test_requests_under_way_at_the_end_are_answered(service: Callable[..., Service], workers: str) -> None:
    """More than a worker has threads: a body that is slow to come holds none."""
    web = service("web", MENPAI_WORKERS=workers)
    assert web.process
    head = b"POST /v1/tokens HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(socket.create_connection(("127.0.0.1", web.port), 15)) for _ in range(20)]
        for line in lines:
            line.sendall(head)
            assert line.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        idle = stack.enter_context(socket.create_connection(("127.0.0.1", web.port), 15))
        idle.sendall(LIVEZ.replace("\n", "\r\n").encode())
        assert idle.recv(9999).startswith(b"HTTP/1.1 200 ")
        web.process.terminate()
        assert idle.recv(100) == b"", "the end has begun"
        for line in lines:
            line.sendall(b"{}")
        assert {line.recv(9999)[:13] for line in lines} == {b"HTTP/1.1 200 "}
    assert web.process.wait(10) == 0


# ── Two workers ──
def test_a_token_that_is_dead_is_dead_on_every_worker(web: Service, live: httpx.Client) -> None:
    """Each worker has accepted it before, and remembers its signature; the session's row decides."""
    person = somebody(live)
    with contextlib.ExitStack() as stack:
        at_rest = [sockets(worker) for worker in web.children()]
        clients = [stack.enter_context(httpx.Client(base_url=web.url)) for _ in range(24)]

        def codes() -> set[int]:
            return {body(client.get(person.book, headers=person.auth))["code"] for client in clients}

        assert codes() == {200}
        assert all(sockets(worker) > before for worker, before in zip(web.children(), at_rest, strict=True))
        new = {"oldpassword": PASSWORD, "password1": "another horse 7", "password2": "another horse 7"}
        assert person.post(f"/v1/users/{person.name}/password", **new)["code"] == 200
        assert codes() == {10101}


def sockets(process: int) -> int:
    found = 0
    for one in Path(f"/proc/{process}/fd").iterdir():
        with contextlib.suppress(OSError):
            found += os.readlink(one).startswith("socket:")
    return found
