"""The account centre on a page of plain Python: who is who, what opens what, and until when (T9).

Every verb answers "ok" or the name of the refusal. Time is whole seconds and stands still within a step.
"""

from dataclasses import dataclass, field
from typing import cast

from tests.test_ephemeral_model import Model as Secrets

MINUTE, DAY = 60, 86_400
SMS = {"life": 5 * MINUTE, "tries": 5}
MAIL = {"life": 10 * MINUTE, "tries": 5}
TICKET = {"life": 10 * MINUTE, "tries": 3}
LINK = {"life": 3 * DAY, "tries": None}
CONTRACT_LIFE, REFRESH_LIFE, LONGEST = DAY, 14 * DAY, 30 * DAY
ACCESS_LIFE = 10 * MINUTE + 30  # with the leeway


@dataclass(eq=False)
class Customer:
    name: str | None
    mobile: str | None
    email: str | None
    password: str
    mobile_proven: bool = False
    email_proven: bool = False
    disabled: bool = False
    disablings: int = 0
    changes: int = 0  # of the credentials
    proven_since: dict[str, int] = field(default_factory=dict)  # mobile or e-mail → a serial
    book: dict[int, int] = field(default_factory=dict)  # id → when it was used, as a serial
    default: int | None = None

    def carries(self, target: str) -> bool:
        """…and may recover by it."""
        if "@" in target:
            return self.email == target and (self.email_proven or not self.mobile_proven)
        return self.mobile == target and self.mobile_proven

    def mark(self, target: str = "") -> "Mark":
        return self, self.changes, self.proven_since.get(target)

    def is_current(self, mark: "Mark | None") -> bool:
        """None: the number was nobody's when the code was sent."""
        _, changes, since = mark or (self, 0, None)
        proven = {self.proven_since.get(one or "") for one in (self.mobile, self.email)}
        return changes == self.changes and (since is None or since in proven)

    def identifiers(self) -> set[str | None]:
        proven = {self.mobile if self.mobile_proven else None, self.email if self.email_proven else None}
        return proven | {self.name}


Mark = tuple[Customer, int, int | None]


@dataclass(eq=False)
class Session:
    owner: Customer
    token: str
    made: int
    ends: int
    access_ends: int
    refresh: str = ""
    used: list[str] = field(default_factory=list)  # earlier refresh tokens
    renewed: int = -1
    ended: bool = False


class Shop:
    def __init__(self) -> None:
        self.customers: list[Customer] = []
        self.sessions: list[Session] = []
        self.secrets = Secrets()
        self.spent: set[str] = set()
        self.serial = 0

    @property
    def now(self) -> int:
        return int(self.secrets.now)

    # ── Secrets ──
    def put(self, key: str, found: dict[str, object], kind: dict[str, int | None], *, keep_tries: bool = False) -> bool:
        return bool(self.secrets.put(key, found, kind["life"], kind["tries"], keep_tries, ()))

    def guess(self, key: str, secret: str, kind: dict[str, int | None], *, looks: bool = False) -> tuple[str, object]:
        outcome, subject = self.secrets.guess(key, secret, kind["tries"], looks)
        return {"right": "ok", "wrong": "CodeWrong", "gone": "CodeExpired"}[outcome], subject

    # ── Who is who ──
    def owner_of_mobile(self, mobile: str) -> Customer | None:
        return next((one for one in self.customers if one.mobile == mobile and one.mobile_proven), None)

    def owner_of_email(self, email: str) -> Customer | None:
        return next((one for one in self.customers if one.email == email and one.email_proven), None)

    def carriers(self, target: str) -> list[Customer]:
        found = [one for one in self.customers if one.carries(target)]
        return [one for one in ([one for one in found if one.email_proven] or found) if not one.disabled]

    # ── Registering and signing in ──
    def register(self, new: Customer, code: str | None) -> str:
        """By the published form (with a name) or by mobile alone; without a code only a mobile check tells."""
        if new.name and any(one.name == new.name for one in self.customers):
            return "UsernameTaken"
        if code is None and self.owner_of_mobile(new.mobile or ""):
            return "MobileTaken"
        if code is not None:
            outcome, _ = self.guess(f"registration|{new.mobile}", code, SMS)
            if outcome != "ok":
                return outcome
            if self.owner_of_mobile(new.mobile or ""):
                return "MobileTaken"
            self.secrets.drop(f"registration|{new.mobile}", code)
            self._proves(new, mobile=new.mobile)
        self.customers.append(new)
        return "ok"

    def sign_in(self, name: str, password: str) -> str:
        who = next((one for one in self.customers if name in one.identifiers()), None)
        right = who is not None and not who.disabled and who.password == password and password
        return "ok" if right else "WrongCredentials"

    def enter(self, mobile: str, code: str) -> tuple[str, Customer | None]:
        outcome, mark = self.guess(f"sign-in|{mobile}", code, SMS)
        if outcome != "ok":
            return outcome, None
        owner = self.owner_of_mobile(mobile)
        if owner is not None and owner.disabled:
            return "AccountDisabled", None
        if mark is not None if owner is None else not owner.is_current(cast("Mark | None", mark)):
            return "CodeExpired", None
        if owner is None:
            owner = Customer(None, mobile, None, "")
            self._proves(owner, mobile=mobile)
            self.customers.append(owner)
        self.secrets.drop(f"sign-in|{mobile}", code)
        return "ok", owner

    def open(self, owner: Customer, token: str, refresh: str = "") -> None:
        life = REFRESH_LIFE if refresh else CONTRACT_LIFE
        access = self.now + (ACCESS_LIFE if refresh else CONTRACT_LIFE)
        self.sessions.append(Session(owner, token, self.now, self.now + life, access, refresh))

    def lives(self, session: Session) -> bool:
        return not session.ended and session.ends > self.now and not session.owner.disabled

    def lets_in(self, session: Session) -> bool:
        return self.lives(session) and session.access_ends >= self.now

    def end_all(self, owner: Customer, but: Session | None = None) -> None:
        for session in self.sessions:
            session.ended |= session.owner is owner and session is not but

    def renews(self, session: Session, refresh: str) -> str:
        """`refresh` is its newest token or one of those before."""
        if not self.lives(session):
            return "NotSignedIn"
        if refresh == session.refresh:
            return "ok"
        if session.used[-1:] == [refresh] and session.renewed == self.now:
            return "again"
        session.ended = True
        return "NotSignedIn"

    # ── Passwords ──
    def change_password(self, session: Session, old: str, new: str, *, stays: bool) -> str:
        owner = session.owner
        if not self.lets_in(session):
            return "NotSignedIn"
        if not owner.password:
            return "PasswordNotSet"
        if owner.password != old:
            return "OldPasswordWrong"
        if old == new:
            return "PasswordUnchanged"
        owner.password, owner.changes = new, owner.changes + 1
        self.end_all(owner, but=session if stays else None)
        return "ok"

    def redeem(self, target: str, code: str) -> tuple[str, Mark | None]:
        outcome, subject = self.guess(f"recovery|{target}", code, MAIL if "@" in target else SMS)
        if outcome != "ok":
            return outcome, None
        mark = cast(Mark, subject)
        owner = mark[0]
        if owner.disabled or not owner.carries(target) or not owner.is_current(mark):
            return "CodeExpired", None
        self.secrets.drop(f"recovery|{target}", code)
        return "ok", mark

    def set_password(self, target: str, ticket: str, new: str) -> str:
        outcome, subject = self.guess(f"ticket|{target}|{ticket}", ticket, TICKET, looks=True)
        if outcome != "ok":
            return "TicketExpired"
        mark = cast(Mark, subject)
        owner = mark[0]
        if owner.disabled or not owner.carries(target) or not owner.is_current(mark):
            return "TicketExpired"
        if owner.password == new:
            return "PasswordUnchanged"
        if "@" in target and not owner.email_proven:
            if self.owner_of_email(target):
                return "TicketExpired"
            owner.book, owner.default = {}, None
            self._proves(owner, email=target)
        self.secrets.drop(f"ticket|{target}|{ticket}", ticket)
        owner.password, owner.changes = new, owner.changes + 1
        self.end_all(owner)
        return "ok"

    def switch(self, owner: Customer, *, back: bool) -> None:
        """What staff do."""
        if not back:
            self.end_all(owner)
            if not owner.disabled:
                owner.disablings, owner.changes = owner.disablings + 1, owner.changes + 1
        owner.disabled = not back

    # ── Mailboxes and mobiles ──
    def activate(self, owner: Customer, email: str, link: str) -> str:
        outcome, disablings = self.guess(f"activation|{id(owner)}", link, LINK)
        if outcome != "ok" or owner.email != email or owner.disabled or disablings != owner.disablings:
            return "ActivationExpired"
        if owner.email_proven:
            return "ok"
        if link in self.spent or self.owner_of_email(email):
            return "ActivationExpired"
        self.spent.add(link)
        self._proves(owner, email=email)
        return "ok"

    def set_email(self, session: Session, email: str, code: str) -> str:
        outcome = self._new_is_proven(session, email, code, MAIL)
        if outcome == "ok":
            if self.owner_of_email(email) not in (None, session.owner):
                return "EmailTaken"
            self._changed(session, email, code, session.owner.email)
            self._proves(session.owner, email=email)
        return outcome

    def set_mobile(self, session: Session, mobile: str, code: str) -> str:
        outcome = self._new_is_proven(session, mobile, code, SMS)
        if outcome == "ok":
            if self.owner_of_mobile(mobile) not in (None, session.owner):
                return "MobileTaken"
            self._changed(session, mobile, code, session.owner.mobile)
            self._proves(session.owner, mobile=mobile)
        return outcome

    def _new_is_proven(self, session: Session, new: str, code: str, kind: dict[str, int | None]) -> str:
        if not self.lets_in(session):
            return "NotSignedIn"
        outcome, mark = self.guess(f"new|{id(session)}|{new}", code, kind)
        return "CodeExpired" if outcome == "ok" and not session.owner.is_current(cast(Mark, mark)) else outcome

    def _changed(self, session: Session, new: str, code: str, old: str | None) -> None:
        """Another one in place of the old one signs the others out."""
        self.secrets.drop(f"new|{id(session)}|{new}", code)
        if old not in (None, new):
            self.end_all(session.owner, but=session)

    def _proves(self, owner: Customer, mobile: str | None = None, email: str | None = None) -> None:
        if mobile and (owner.mobile, owner.mobile_proven) != (mobile, True):
            owner.mobile, owner.mobile_proven, owner.proven_since[mobile] = mobile, True, self._use()
        if email and (owner.email, owner.email_proven) != (email, True):
            owner.email, owner.email_proven, owner.proven_since[email] = email, True, self._use()

    # ── Addresses ──
    def added(self, owner: Customer, number: int) -> None:
        owner.book[number] = self._use()
        owner.default = owner.default if owner.default is not None else number

    def removed(self, owner: Customer, number: int) -> None:
        del owner.book[number]
        if owner.default == number:
            owner.default = max(owner.book, key=lambda one: owner.book[one], default=None)

    def used(self, owner: Customer, number: int, *, as_default: bool) -> None:
        owner.book[number] = self._use()
        owner.default = number if as_default else owner.default

    def _use(self) -> int:
        self.serial += 1
        return self.serial
