"""A mail server on loopback that can be in every mood a real one can. It is an old one: seven bits, no extensions."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from menpai.environment import urls
from tests.rig.children import free_port

logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd tells every line of every mail

LINE = 78  # RFC 5322, 2.1.1: longer ones should not be sent


class MailServer:
    """`mood`: "accept"; "550" or "450" for the recipient; "554" or "421" for the message; "stall at rcpt";
    "stall after data", "drop after data": the message is taken, and no answer given.

    `moods` are for the next connections, one each; afterwards `mood` holds.
    """

    def __init__(self, **options: Any) -> None:  # of aiosmtpd: `ssl_context` speaks TLS, `tls_context` offers STARTTLS
        self.mood = "accept"
        self.moods: list[str] = []
        self.connections = 0
        self.mails: list[EmailMessage] = []  # what people received
        self.recipients: list[str] = []
        self.reached = threading.Event()  # a stalling connection is there
        self.go_on = threading.Event()  # ends every stall
        self.port = free_port()
        self.url = f"smtp://127.0.0.1:{self.port}"
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)

    @contextlib.contextmanager
    def running(self) -> Iterator["MailServer"]:
        self._controller.start()
        try:
            yield self
        finally:
            self.go_on.set()
            self._controller.stop()

    @contextlib.contextmanager
    def in_use(self, settings: Any) -> Iterator["MailServer"]:
        """Runs, and our mails go here."""
        settings.MENPAI_EMAIL_IS_OUTBOX = False
        for name, value in urls.mail(self.url).items():
            setattr(settings, name, value)
        with self.running():
            yield self

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        session.mood = self.moods.pop(0) if self.moods else self.mood  # type: ignore[attr-defined]  # ours
        return [line for line in responses if "8BITMIME" not in line and "SMTPUTF8" not in line]

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        mood: str = session.mood  # type: ignore[attr-defined]  # ours
        if mood == "stall at rcpt":
            await self._stall()
        if mood in ("550", "450"):
            return f"{mood} no mailbox {address} here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        mood: str = session.mood  # type: ignore[attr-defined]  # ours
        if mood in ("554", "421"):
            return f"{mood} not this one"
        content = envelope.content
        assert isinstance(content, bytes)
        if not content.isascii() or max(map(len, content.splitlines())) > LINE:
            return "554 eight bits, or a long line"
        self.mails.append(message_from_bytes(content, policy=policy.default))
        self.recipients += envelope.rcpt_tos
        if mood == "stall after data":
            await self._stall()
        if mood == "drop after data":
            assert server.transport is not None
            server.transport.close()
        return "250 OK"

    async def _stall(self) -> None:
        self.reached.set()
        while not self.go_on.is_set():
            await asyncio.sleep(0.02)
