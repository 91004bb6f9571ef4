"""No secret and no full mobile or e-mail in what the product logs, hands to the broker or records (R70, T13).

The check learns what tests send and are answered: passwords, codes, tokens, tickets, cookies. After each test it looks
for those, and for anything shaped like a mobile or an e-mail, in every log line of this process, in the broker and the
results, in the audit trail and the messages' problems; and, when a real process ends, in all that it printed.
"""

import contextlib
import json
import logging
import re
from collections.abc import Collection, Iterator
from typing import Any

import httpx

from menpai.environment.logs import JsonFormatter

# Fields of every contract whose values are nobody's business.
SECRET = re.compile(r"passwo?rd|^code$|sms_code|verify|ticket|token", re.IGNORECASE)
NOT_SECRET = ("token_type",)
PERSONAL = {
    "mobile": re.compile(r"(?<![\w.-])(?:\+?86|0086)?[- ]?1[3-9]\d{9}(?![\w.-])"),
    "landline": re.compile(r"(?<![\w.-])0\d{2,3}-[2-9]\d{6,7}(?!\w)"),
    "e-mail": re.compile(r"[\w.+-]+@(?:[\w-]+\.)+[a-z]{2,}"),
}
WORD = re.compile(r"[\w.~+/%-]+=*")
SHORTEST = 6
ALIKE = ("password", "wrong password")  # sent as passwords, and words of any text


class Leak(AssertionError):
    pass


class LeakCheck(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self._json = JsonFormatter()
        self.setFormatter(logging.Formatter("{levelname} {name} {message}", style="{"))
        self.words: set[str] = set()  # tokens, tickets, cookies: of the whole session
        self.codes: set[str] = set()  # a few digits, that other numbers could be: of this test
        self.phrases: set[str] = set()  # passwords
        self.lines: list[str] = []

    # ── What must not appear ──
    def learn(self, value: object) -> None:
        if not isinstance(value, str) or len(value) < SHORTEST or value in ALIKE:
            return
        if value.isdecimal():
            self.codes.add(value)
        elif WORD.fullmatch(value) and len(value) >= 20:
            self.words.add(value)
        elif re.search(r"\d", value):
            self.phrases.add(value)

    def sent(self, request: httpx.Request) -> None:
        self._of(_json(request.read()))
        for name, value in request.url.params.multi_items():
            self._of({name: value})
        self.learn(request.headers.get("authorization", "").rpartition(" ")[2])
        for one in request.headers.get("cookie", "").split(";"):
            self.learn(one.partition("=")[2].strip('" '))

    def answered(self, response: httpx.Response) -> None:
        self._of(_json(response.read()))
        for line in response.headers.get_list("set-cookie"):
            self.learn(line.partition("=")[2].partition(";")[0].strip('"'))

    def _of(self, said: Any) -> None:
        if isinstance(said, list):
            for one in said:
                self._of(one)
        elif isinstance(said, dict):
            for name, value in said.items():
                if isinstance(value, dict | list):
                    self._of(value)
                elif SECRET.search(name) and name not in NOT_SECRET:
                    self.learn(value)

    # ── Where it must not appear ──
    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"log: {self.format(record)} {self._json.format(record)}")  # in both formats

    def read(self, where: str, text: str) -> None:
        self.lines += [f"{where}: {line}" for line in text.splitlines()]

    def check(self) -> None:
        """Raises Leak; forgets the lines either way, and the codes, which belong to one test."""
        leaks = self.leaks()
        self.codes.clear()
        if leaks:
            raise Leak("\n".join(leaks[:10]))

    def leaks(self) -> list[str]:
        lines, self.lines = self.lines, []
        return [f"{what} in {line[:500]}" for line in lines for what in self._in(line)]

    def _in(self, line: str) -> Iterator[str]:
        for kind, shape in PERSONAL.items():
            if shape.search(line):
                yield kind
        if any(phrase in line for phrase in self.phrases):
            yield "password"
        found = WORD.findall(line)
        words = {part for word in found for part in (word, word.strip("./"), *re.split(r"[/=%]", word))}
        if words & self.words:
            yield "token"
        if words & self.codes and "pid" not in line.lower():
            yield "code"

    @contextlib.contextmanager
    def expecting_leaks(self) -> Iterator[list[str]]:
        """For its own tests: what leaks inside is answered, and fails nothing."""
        assert not self.leaks()
        found: list[str] = []
        yield found
        found += self.leaks()


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


leak_check = LeakCheck()


def read_redis(*clients: Any) -> None:
    """Every key and value of the broker and the results."""
    for client in clients:
        verbs = {b"list": lambda key: client.lrange(key, 0, -1), b"string": client.get, b"hash": client.hgetall}  # noqa: B023
        for key in client.scan_iter(count=1000) if client.dbsize() else ():
            kind = client.type(key)
            content = verbs[kind](key) if kind in verbs else b""
            leak_check.read("broker", f"{key!r} {content!r}")


def read_rows(filled: Collection[str]) -> None:
    """What the database keeps about what happened; `filled`: the tables that hold anything."""
    from menpai.models import AuditEvent, Message

    if not {"menpai_auditevent", "menpai_message"} & set(filled):
        return
    for row in AuditEvent.objects.values("event", "subject", "network", "browser", "system", "details"):
        leak_check.read("audit trail", json.dumps(row, ensure_ascii=False, default=str))
    for problem, reference in Message.objects.exclude(problem="").values_list("problem", "vendor_reference"):
        leak_check.read("message", f"{problem} {reference}")
