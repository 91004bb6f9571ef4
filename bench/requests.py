"""The requests of the jobs, ready as bytes: for each of the connections an endless iterator."""

import itertools
import json
from collections.abc import Callable, Iterator

from bench import reference
from bench.load import Request
from bench.place import PASSWORD, Seeded

Make = Callable[[list[Seeded], bool], Iterator[Request]]  # (a connection's own customers, for the reference?)
_mobiles = itertools.count(10_000_000)
_names = itertools.count(1)


def each(make: Make, customers: list[Seeded], connections: int, *, limit: bool = False) -> list[Iterator[Request]]:
    """No two connections share a customer, so that none waits for another's row."""
    return [make(customers[number::connections], limit) for number in range(connections)]


def addresses(customers: list[Seeded], limit: bool) -> Iterator[Request]:
    made = [("list", _get(f"/v1/users/{customer.name}/address", _token(customer, limit))) for customer in customers]
    return itertools.cycle(made)


def new_address(customers: list[Seeded], limit: bool) -> Iterator[Request]:
    content = {
        "receiver": "小王",
        "receiver_phone": "18667018590",
        "address": "北京市东城区珠市口大街2号楼",
        "postcode": "100062",
        "tag": "公司",
    }
    paths = {f"/v1/users/{customer.name}/address": _token(customer, limit) for customer in customers}
    return itertools.cycle([("add", _post(path, content, token)) for path, token in paths.items()])


def default_address(customers: list[Seeded], limit: bool) -> Iterator[Request]:
    """Each time another one of the customer's addresses."""
    made = []
    for turn in range(1, len(customers[0].addresses) + 1):
        for customer in customers:
            choice = {"id": customer.addresses[turn % len(customer.addresses)]}
            path = f"/v1/users/{customer.name}/address/default"
            made.append(("default", _post(path, choice, _token(customer, limit))))
    return itertools.cycle(made)


def free_mobile(_own: list[Seeded], _limit: bool) -> Iterator[Request]:
    return (("check", _get(f"/user/mobile/139{number:08}/")) for number in _mobiles)


def sms_code(_own: list[Seeded], _limit: bool) -> Iterator[Request]:
    return (("sms", _get(f"/user/sms/139{number:08}/")) for number in _mobiles)


def recovery_code(customers: list[Seeded], _limit: bool) -> Iterator[Request]:
    mailboxes = [{"email": f"{customer.name.replace('_', '')}@example.com"} for customer in customers]
    return itertools.cycle([("recovery", _post("/v1/users/password/sms", mailbox)) for mailbox in mailboxes])


def login(customers: list[Seeded], _limit: bool) -> Iterator[Request]:
    made = [("login", _post("/v1/tokens", {"username": customer.name, "password": PASSWORD})) for customer in customers]
    return itertools.cycle(made)


def registration(_own: list[Seeded], _limit: bool) -> Iterator[Request]:
    for number in _names:
        content = {
            "uname": f"new_{number}",
            "password": PASSWORD,
            "email": f"new{number}@example.com",
            "phone": f"137{number:08}",
        }
        yield "register", _post("/v1/users", content)


def mix(customers: list[Seeded], limit: bool) -> Iterator[Request]:
    """199 address lists to one login; each connection begins somewhere else."""
    reads, logins = addresses(customers, limit), login(customers, limit)
    turn = customers[0].id * 37
    while True:
        turn += 1
        yield next(logins if turn % 200 == 0 else reads)


def _token(customer: Seeded, limit: bool) -> str:
    return reference.token(customer.id) if limit else customer.token


def _get(path: str, token: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{_signed(token)}\r\n".encode()


def _post(path: str, content: object, token: str = "") -> bytes:
    body = json.dumps(content, ensure_ascii=False).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{_signed(token)}Content-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _signed(token: str) -> str:
    return f"Authorization: {token}\r\n" if token else ""
