"""Every number of the product, with its unit, its reason and its source.

An operator overrides one with MENPAI_RULE_<NAME>; spans read as `90s`, `5m`, `2h`, `3d`.
The published documents contradict themselves in places; each such place is settled here, in one comment.
"""

import os
import re
from dataclasses import dataclass
from datetime import timedelta

NAMES_READ: set[str] = set()  # every MENPAI_RULE_… there is (checks.py)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class BadRule(ValueError):
    """A MENPAI_RULE_… that cannot be understood."""


def span(name: str, default: timedelta) -> timedelta:
    """A length of time; `0` means none."""
    NAMES_READ.add(f"MENPAI_RULE_{name}")
    raw = os.environ.get(f"MENPAI_RULE_{name}")
    if raw is None:
        return default
    if raw.strip() == "0":
        return timedelta(0)
    match = re.fullmatch(r"([0-9]{1,9})([smhd])", raw.strip())
    if not match:
        raise BadRule(f"MENPAI_RULE_{name}={raw!r}: write a span such as 90s, 5m, 2h or 3d.")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def number(name: str, default: int) -> int:
    NAMES_READ.add(f"MENPAI_RULE_{name}")
    raw = os.environ.get(f"MENPAI_RULE_{name}")
    if raw is None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", raw.strip()):
        raise BadRule(f"MENPAI_RULE_{name}={raw!r}: write a whole number.")
    return int(raw)


# ── One-time secrets ──────────────────────────────────────────────────────────────────────────
# luffy.md ruling 1: the documents say 4, 6 and 4–6 digits, and 3000 s beside comments of 300 s.
SMS_CODE_DIGITS = number("SMS_CODE_DIGITS", 6)
SMS_CODE_LIFE = span("SMS_CODE_LIFE", timedelta(minutes=5))
SMS_CODE_TRIES = number("SMS_CODE_TRIES", 5)
# dada.md ruling 1. Eight digits, because mails are cheap to ask for (security.md R24).
MAIL_CODE_DIGITS = number("MAIL_CODE_DIGITS", 8)
MAIL_CODE_LIFE = span("MAIL_CODE_LIFE", timedelta(minutes=10))
MAIL_CODE_TRIES = number("MAIL_CODE_TRIES", 5)
# dada.md ruling 1; decisions.md 19: three looks at the fields, so that 10133 is no password oracle.
TICKET_LIFE = span("TICKET_LIFE", timedelta(minutes=10))
TICKET_TRIES = number("TICKET_TRIES", 3)
COMPAT_GRANT_LIFE = span("COMPAT_GRANT_LIFE", timedelta(seconds=120))
# dada.md ruling 3, security.md R65: from leaving for the provider to coming back, and from there to the account.
SOCIAL_STATE_LIFE = span("SOCIAL_STATE_LIFE", timedelta(minutes=10))
SOCIAL_TICKET_LIFE = span("SOCIAL_TICKET_LIFE", timedelta(minutes=10))
# dada.md ruling 2. 0 = never expires, as published. The mail's text is made from this number.
ACTIVATION_LIFE = span("ACTIVATION_LIFE", timedelta(days=3))
# Of the link that `menpai staff enrol` prints: to hand it over and to scan the picture behind it.
STAFF_ENROLMENT_LIFE = span("STAFF_ENROLMENT_LIFE", timedelta(hours=1))


@dataclass(frozen=True)
class Purpose:
    """The purpose of a one-time secret, which is worthless for every other purpose."""

    name: str
    life: timedelta  # zero: for ever
    digits: int | None = None  # None: 256 random bits, which nobody guesses
    tries: int | None = None  # wrong guesses until it is void; None: not counted
    tries_outlive_resend: bool = False  # a new code does not give the tries back
    counts_right_guesses: bool = False  # each look costs a try, right or wrong
    known_after_use: bool = False  # a second use can be told from a stranger's guess
    outlives_password: bool = False  # a new password does not end it
    of_owner: bool = False  # stands for whoever has proven the mobile that it is sent to


REGISTRATION = Purpose("registration", SMS_CODE_LIFE, SMS_CODE_DIGITS, SMS_CODE_TRIES)
RECOVERY_MAIL = Purpose("recovery-mail", MAIL_CODE_LIFE, MAIL_CODE_DIGITS, MAIL_CODE_TRIES, tries_outlive_resend=True)
RECOVERY_SMS = Purpose(
    "recovery-sms", SMS_CODE_LIFE, SMS_CODE_DIGITS, SMS_CODE_TRIES, tries_outlive_resend=True, of_owner=True
)
RECOVERY_TICKET = Purpose("recovery-ticket", TICKET_LIFE, tries=TICKET_TRIES, counts_right_guesses=True)
RECOVERY_GRANT = Purpose("recovery-grant", COMPAT_GRANT_LIFE, tries=TICKET_TRIES, counts_right_guesses=True)
ACTIVATION = Purpose("activation", ACTIVATION_LIFE, known_after_use=True, outlives_password=True)
SIGN_IN = Purpose("sign-in", SMS_CODE_LIFE, SMS_CODE_DIGITS, SMS_CODE_TRIES, of_owner=True)
NEW_MOBILE = Purpose("new-mobile", SMS_CODE_LIFE, SMS_CODE_DIGITS, SMS_CODE_TRIES)
STEP_UP_SMS = Purpose("step-up-sms", SMS_CODE_LIFE, SMS_CODE_DIGITS, SMS_CODE_TRIES)
STEP_UP_MAIL = Purpose("step-up-mail", MAIL_CODE_LIFE, MAIL_CODE_DIGITS, MAIL_CODE_TRIES)
NEW_EMAIL = Purpose("new-email", MAIL_CODE_LIFE, MAIL_CODE_DIGITS, MAIL_CODE_TRIES)
STAFF_ENROLMENT = Purpose("staff-enrolment", STAFF_ENROLMENT_LIFE)
SOCIAL_STATE = Purpose("social-state", SOCIAL_STATE_LIFE, known_after_use=True)
SOCIAL_TICKET = Purpose("social-ticket", SOCIAL_TICKET_LIFE)
PURPOSES = (
    *(REGISTRATION, SIGN_IN, NEW_MOBILE, NEW_EMAIL, ACTIVATION, STEP_UP_SMS, STEP_UP_MAIL),
    *(RECOVERY_MAIL, RECOVERY_SMS, RECOVERY_TICKET, RECOVERY_GRANT),
    *(SOCIAL_STATE, SOCIAL_TICKET, STAFF_ENROLMENT),
)


# A mailbox that nobody has proven may be carried by several customers; the mail names so many (decisions.md 4).
CUSTOMERS_PER_UNPROVEN_EMAIL = 20


# ── Limits: (how many, in what span), sliding ─────────────────────────────────────────────────
@dataclass(frozen=True)
class Limit:
    many: int
    span: timedelta


def _limits(prefix: str, minute: int, hour: int, day: int) -> tuple[Limit, ...]:
    spans = {
        "MINUTE": (minute, timedelta(minutes=1)),
        "HOUR": (hour, timedelta(hours=1)),
        "DAY": (day, timedelta(days=1)),
    }
    return tuple(Limit(number(f"{prefix}_PER_{unit}", many), length) for unit, (many, length) in spans.items())


# What the vendors themselves allow a number: 1 a minute, 5 an hour, 10 a day (security.md 2.3).
# RESEND_AFTER is the published minute; decisions.md 21: per target over all purposes.
RESEND_AFTER = span("RESEND_AFTER", timedelta(seconds=60))
SENDS_PER_TARGET = (
    Limit(1, RESEND_AFTER),
    Limit(number("TARGET_PER_HOUR", 5), timedelta(hours=1)),
    Limit(number("TARGET_PER_DAY", 10), timedelta(days=1)),
)
SMS_PER_CLIENT = _limits("CLIENT", minute=10, hour=60, day=200)
MAILS_PER_CLIENT = (
    Limit(number("CLIENT_MAILS_PER_MINUTE", 10), timedelta(minutes=1)),
    Limit(number("CLIENT_MAILS_PER_HOUR", 20), timedelta(hours=1)),
)
# A browser that was here before says so itself; it is held shorter than an office full of them.
SENDS_PER_DEVICE = (Limit(3, timedelta(minutes=1)), Limit(10, timedelta(hours=1)))
# Numbers that begin alike (identifiers.block) are how pumping looks: whole blocks of a carrier that shares the price.
SMS_PER_PREFIX = (Limit(number("PREFIX_PER_10_MINUTES", 30), timedelta(minutes=10)),)
# Those above ask for a captcha, and with one it is…
WITH_CAPTCHA = 3  # …times as many
# …beyond which, and here, nothing helps but waiting. The operator's money; see also what a gateway is paid for.
SMS_IN_ALL = (
    Limit(number("SMS_PER_HOUR", 2000), timedelta(hours=1)),
    Limit(number("SMS_PER_DAY", 10_000), timedelta(days=1)),
)
MAILS_IN_ALL = (Limit(number("MAILS_PER_HOUR", 5000), timedelta(hours=1)),)
RESERVE_PERCENT = number("RESERVE_PERCENT", 20)  # of these, kept for who used this browser before
# A code that is sent takes a place, one that is used gives some back: while 20 % (5 %) are used, there is always room.
# A captcha is asked of everybody when the first is full; the block of numbers rests when the second is.
UNUSED_SMS = (Limit(number("UNUSED_SMS", 200), timedelta(hours=1)),)
UNUSED_SMS_GIVEN_BACK = 5
UNUSED_SMS_PER_PREFIX = (Limit(number("UNUSED_SMS_PER_PREFIX", 40), timedelta(hours=1)),)
UNUSED_SMS_PER_PREFIX_GIVEN_BACK = 20
# Wrong codes for one mobile or mailbox, over all codes (R04): a new code gives no new tries beyond this.
GUESSES_PER_TARGET = (
    Limit(number("GUESSES_PER_HOUR", 10), timedelta(hours=1)),
    Limit(number("GUESSES_PER_DAY", 20), timedelta(days=1)),
    Limit(number("GUESSES_PER_MONTH", 100), timedelta(days=30)),
)
# …and from one address, over all targets, links and tickets: a school that mistypes, and no list of numbers to try.
GUESSES_PER_CLIENT = _limits("CLIENT_GUESSES", minute=30, hour=150, day=500)
# luffy.md ruling 4: 20 a minute, 200 a day.
MOBILE_CHECKS_PER_CLIENT = (
    Limit(number("MOBILE_CHECK_PER_MINUTE", 20), timedelta(minutes=1)),
    Limit(number("MOBILE_CHECK_PER_DAY", 200), timedelta(days=1)),
)
# Customers who register by name, without a code that was counted: a whole school may share one address.
REGISTRATIONS_PER_CLIENT = _limits("REGISTRATIONS", minute=30, hour=300, day=2000)
# What a signed-in session may change, renewing itself included, at each web worker: nobody types so fast.
CHANGES_PER_SESSION = (
    Limit(number("CHANGES_PER_MINUTE", 120), timedelta(minutes=1)),
    Limit(number("CHANGES_PER_HOUR", 1200), timedelta(hours=1)),
)
# Pasted addresses that a session may have parsed, at each web worker: nobody pastes so fast, and importers send many.
PARSES_PER_SESSION = (Limit(number("PARSES_PER_MINUTE", 60), timedelta(minutes=1)),)
PARSE_BATCHES_PER_SESSION = (Limit(number("PARSE_BATCHES_PER_MINUTE", 10), timedelta(minutes=1)),)
# Ways to a provider that one address asks for; each leaves a state in the store for ten minutes.
SOCIAL_PER_CLIENT = _limits("SOCIAL", minute=30, hour=300, day=2000)
# security.md H13: a stolen token must not become the password.
OLD_PASSWORD_TRIES = (Limit(number("OLD_PASSWORD_TRIES", 5), timedelta(minutes=15)),)
# security.md R26–R28. A browser in which the customer signed in before is not held up by what others do elsewhere.
_QUARTER = timedelta(minutes=15)
LOGIN_FAILURES_PER_DEVICE = (Limit(number("LOGIN_FAILURES_PER_DEVICE", 10), _QUARTER),)  # …and account
LOGIN_FAILURES_PER_ACCOUNT = (Limit(number("LOGIN_FAILURES_PER_ACCOUNT", 10), _QUARTER),)
LOGIN_FAILURES_PER_CLIENT = (Limit(number("LOGIN_FAILURES_PER_CLIENT", 30), _QUARTER),)
LOGIN_FAILURES_PER_PAIR = (Limit(number("LOGIN_FAILURES_PER_PAIR", 5), _QUARTER),)  # client and account
# …and of right ones: each is a hash, a session and a row in the trail. A counter at which a customer signs in again and
# again has enough of them.
SIGN_INS_PER_PAIR = _limits("SIGN_INS", minute=60, hour=600, day=5000)  # client and account
LOGIN_ACCOUNTS_PER_CLIENT = (Limit(number("LOGIN_ACCOUNTS_PER_CLIENT", 100), timedelta(days=1)),)
# Three of a million codes are right at a time (a step before and after): 20 guesses a day need 45 years.
STAFF_CODE_TRIES = (
    Limit(number("STAFF_CODE_TRIES", 5), _QUARTER),
    Limit(number("STAFF_CODE_TRIES_PER_DAY", 20), timedelta(days=1)),
)
# Passwords, and codes, that all browsers in which a member of staff signed in before may send together; right ones too.
STAFF_KNOWN_DEVICE_TRIES = (Limit(number("STAFF_KNOWN_DEVICE_TRIES_PER_DAY", 100), timedelta(days=1)),)
# Beyond these with a captcha only, and ever more slowly; nobody is locked out for good.
LOGIN_PACE = (
    Limit(1, timedelta(seconds=1)),
    Limit(3, timedelta(seconds=10)),
    Limit(8, timedelta(minutes=1)),
    Limit(20, _QUARTER),
)
DEGRADED_SHARE = 5  # while the store is away each worker counts by itself, up to a fifth (R31)
# A gateway that refuses everybody (wrong keys, no balance) is left alone this long (decisions.md 12), and then tried
# with one message at a time. GeeTest rests as long.
GATEWAY_PAUSE = span("GATEWAY_PAUSE", timedelta(seconds=30))
# …and so is one that is busy or silent this much more often than it works: five in a row are no accident, and an
# outage of a minute has them even where few messages are sent.
GATEWAY_FAILURES = number("GATEWAY_FAILURES", 5)
GATEWAY_WINDOW = timedelta(minutes=1)
GATEWAY_OPEN = timedelta(days=1)  # how long it is remembered that one had to be tried first; nobody asked it meanwhile
# Of the last so many receipts of a gateway within an hour more than half say "failed": it is asked last for a while.
# Twenty, so that one customer who types wrong numbers is no verdict.
RECEIPTS_JUDGED = 20
RECEIPTS_JUDGED_WITHIN = timedelta(hours=1)
GATEWAY_DOUBT = span("GATEWAY_DOUBT", timedelta(minutes=10))

# ── Captcha (docs/captcha.md) ─────────────────────────────────────────────────────────────────
CAPTCHA_LIFE = span("CAPTCHA_LIFE", timedelta(minutes=5))  # to look, listen and type; screen readers take their time
CAPTCHA_PASS_LIFE = span("CAPTCHA_PASS_LIFE", timedelta(minutes=2))  # decisions.md 22
# Rounds of PBKDF2, 256 times on average: 0.2 s for Chromium on two desktop cores, 0.3 s for a robot.
CAPTCHA_WORK = number("CAPTCHA_WORK", 5000)
CAPTCHA_DIGITS = number("CAPTCHA_DIGITS", 5)  # one guess in 16,807, of seven digits that look and sound different
CAPTCHA_SHOWN = (
    10  # how often a picture is drawn and a sound made, together: each is drawn anew, and many make one clear
)
# A whole school may share one address: wide enough for people, and what is behind each has limits of its own.
CAPTCHAS_PER_CLIENT = _limits("CAPTCHA", minute=30, hour=300, day=2000)
# A client that wants more than this is asked for a person: from then on it gets pictures.
CAPTCHA_WORK_PER_CLIENT = (Limit(number("CAPTCHA_WORK_PER_HOUR", 30), timedelta(hours=1)),)
# GeeTest, whole answer included; afterwards it rests as an SMS gateway does, and the local ones take its place.
CAPTCHA_TIMEOUT = timedelta(milliseconds=2500)

# ── Social sign-in ────────────────────────────────────────────────────────────────────────────
# F26: away is told within 3 s. Everything that finds out who somebody is, slow bodies and names included…
SOCIAL_TIMEOUT = timedelta(milliseconds=2500)
# …and afterwards what they call themselves, which nothing depends on.
SOCIAL_PROFILE_TIMEOUT = timedelta(seconds=1)
# Threads of one web worker that may wait for providers at once: a slow one must not take those of everybody else (12).
SOCIAL_AT_ONCE = number("SOCIAL_AT_ONCE", 4)
SOCIAL_ANSWER_BYTES = 64 * 1024
NICKNAME_LENGTH = 64

# ── Passwords ─────────────────────────────────────────────────────────────────────────────────
# security.md R42: `compat` is the published floor (dada.md ruling 5), for shops that cannot change a page; `asvs` is
# ASVS 6.2.1; `nist15` is what NIST SP 800-63B asks of a password that is the only factor; `mlps` asks more of operators
# and the same of customers. The ceiling bounds the work.
PASSWORD_PROFILES = {"compat": 6, "asvs": 8, "nist15": 15, "mlps": 8}
PASSWORD_MIN_LENGTH = PASSWORD_PROFILES["asvs"]
PASSWORD_MAX_LENGTH = 128
PASSWORD_OWN_REST = 5  # a name and fewer characters than this is no more than the name (R44)
# MLPS 2.0 (GB/T 22239-2019, 8.1.4.1), with the profile `mlps`, for staff.
STAFF_PASSWORD_CLASSES = 3  # of: capitals, small letters, digits, others
STAFF_PASSWORD_LIFE = span("STAFF_PASSWORD_LIFE", timedelta(days=90))
# security.md R74: a session of staff ends when it is not used, and after a working day.
STAFF_IDLE = span("STAFF_IDLE", timedelta(minutes=15))
STAFF_SESSION_LONGEST = span("STAFF_SESSION_LONGEST", timedelta(hours=8))
STAFF_BACKUP_CODES = 10
STAFF_SIGN_IN_LIFE = timedelta(minutes=10)  # from the password to the second factor
# OWASP password storage: argon2id with 19 MiB, 2 passes, 1 lane; 20 ms a core (stack.md).
ARGON2_MEMORY_KIB = 19456
ARGON2_PASSES = 2
ARGON2_LANES = 1
# What an imported hash may cost until its customer signs in; one that takes seconds would stop the hasher.
IMPORTED_BCRYPT_COST = 14
IMPORTED_PBKDF2_PASSES = 2_000_000
IMPORTED_ARGON2_MEMORY_KIB = 262_144
IMPORTED_ARGON2_PASSES = 16
# How many requests of one web worker may wait for the hasher; the next one gets 429 at once (R36).
HASH_QUEUE = number("HASH_QUEUE", 8)
HASH_NICENESS = 5  # how far hashing stands back behind everything else on the machine (0–19)

# ── Keys (docs/adr/0013) ──────────────────────────────────────────────────────────────────────
# From a new key's arrival in the file until it is used: time to copy the file to every host, and three times what the
# published key set may be cached.
KEY_LEAD = span("KEY_LEAD", timedelta(minutes=15))
HOOK_KEY_KEPT = timedelta(days=1)  # an old hook key signs beside the new one for so long at least
KEYS_LOOKED_AT = timedelta(seconds=2)  # how often a running process looks whether the file was replaced
REGIONS_LOOKED_AT = timedelta(seconds=2)  # the same, of the regions that `menpai regions update` applied

# ── Sessions ──────────────────────────────────────────────────────────────────────────────────
CONTRACT_TOKEN_LIFE = span("CONTRACT_TOKEN_LIFE", timedelta(hours=24))  # dada.md ruling 7
TOKEN_LEEWAY = timedelta(seconds=30)  # security.md R50, F20: clocks differ
# decisions.md 16, security.md R51: a refresh token is renewed with each use, and the whole of it ends after 30 days.
ACCESS_LIFE = span("ACCESS_LIFE", timedelta(minutes=10))
REFRESH_LIFE = span("REFRESH_LIFE", timedelta(days=14))  # of one that is not used
REFRESH_GRACE = span("REFRESH_GRACE", timedelta(seconds=10))  # a second request with the same one is a retry
SESSION_LONGEST = span("SESSION_LONGEST", timedelta(days=30))
BROWSER_LIFE = span("BROWSER_LIFE", timedelta(hours=24))  # without "remember me", if the browser stays open so long
REMEMBERED_LIFE = span("REMEMBERED_LIFE", timedelta(days=30))
STEP_UP_LIFE = span("STEP_UP_LIFE", timedelta(minutes=10))  # a sign-in is enough to change how one signs in
SESSIONS_PER_CUSTOMER = number("SESSIONS_PER_CUSTOMER", 20)  # the oldest ends when one more begins (R55)
DEVICE_LIFE = span("DEVICE_LIFE", timedelta(days=365))  # how long a browser says that it was here before
SEEN_EVERY = span("SEEN_EVERY", timedelta(minutes=10))  # how exact "last seen" is
REPEAT_WITHIN = span("REPEAT_WITHIN", timedelta(seconds=10))  # luffy.md ruling 0: a repeat gets the first answer
IDEMPOTENCY_KEPT = span("IDEMPOTENCY_KEPT", timedelta(days=1))  # a retry that comes later is a new request
SIGN_IN_RETRY = timedelta(minutes=10)  # …of what signs in: an old request must not sign in again

# ── Addresses (dada.md) ───────────────────────────────────────────────────────────────────────
LIVE_ADDRESSES = number("LIVE_ADDRESSES", 50)
RECEIVER_LENGTH = 40  # Uyghur, Tibetan and foreign names, firms
PUBLISHED_RECEIVER_LENGTH = 10  # of new values at /v1
ADDRESS_LENGTH = 200
PUBLISHED_ADDRESS_LENGTH = 100  # of new values at /v1
POSTCODE_LENGTH = 7  # the first generation's column; real postcodes have 6
TAG_LENGTH = 10
PASTED_LENGTH = 1000  # of a pasted text, in which an address is looked for
PASTED_TEXTS = 100  # in one batch
ADDRESS_UNDO = span("ADDRESS_UNDO", timedelta(minutes=10))  # how long a deletion can be taken back
# Snapshots for orders (docs/snapshots.md), of one customer at each web worker: a wholesaler orders a few hundred times.
SNAPSHOTS_PER_CUSTOMER = _limits("SNAPSHOTS", minute=30, hour=300, day=2000)
ORDER_LENGTH = 64
SNAPSHOT_SEALED = span(
    "SNAPSHOT_SEALED", timedelta(days=3)
)  # for a repeat with the same Idempotency-Key; then the hash
# E-Commerce Law art. 31 asks for three years, book-keeping for ten and more. 0: for ever.
ORDERS_KEPT = span("ORDERS_KEPT", timedelta(days=3650))

# ── Bodies (security.md R66) ──────────────────────────────────────────────────────────────────
BODY_BYTES = 16 * 1024
BATCH_BYTES = 256 * 1024  # of pasted texts: what the web server takes at most
BODY_DEPTH = 8
BODY_FIELDS = 50
BODY_TIMEOUT = span("BODY_TIMEOUT", timedelta(seconds=10))  # security.md F22; for the whole, after the headers

# ── Delivery (decisions.md 11, security.md F06, F07) ──────────────────────────────────────────
LEASE = span("LEASE", timedelta(seconds=30))  # a message held by a dead worker is free again after this
# A message that was perhaps sent, because its worker died or no answer came, is handed over again so often: a second
# copy is the smaller mistake, a third is not.
REPEATS = number("REPEATS", 1)
# A worker that holds an answer tries to write it for so long while the database is away; then the lease decides.
ANSWER_KEPT = span("ANSWER_KEPT", timedelta(minutes=10))
RETRY_AFTER = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2))  # then the last, again and again
NOTICE_LIFE = span("NOTICE_LIFE", timedelta(days=1))  # a notice that is older helps nobody
ACTIVATION_MAIL_LIFE = timedelta(days=3)  # when activation links never expire, the mail still does
CONNECT_TIMEOUT = timedelta(seconds=3)
ANSWER_TIMEOUT = timedelta(seconds=10)
WEBHOOK_TOLERANCE = timedelta(minutes=5)  # between the clocks of two hosts; Standard Webhooks' own number
# By another gateway, when a receipt says that it did not arrive. Once: what two vendors cannot deliver is not theirs.
RESENDS = number("RESENDS", 1)
RESEND_LEFT = span("RESEND_LEFT", timedelta(minutes=1))  # of a code's life: to arrive, be read and be typed
RECEIPT_BYTES = 256 * 1024  # one push: the longest that a vendor announces is 100 reports, of about 300 bytes each
# A receipt may be here before our own note of what the vendor answered: it waits this long, and so many of a push do.
EARLY_RECEIPT_KEPT = timedelta(minutes=10)
EARLY_RECEIPTS = 50
CART_TIMEOUT = timedelta(milliseconds=500)  # dada.md ruling 6 allows 2 s; decisions.md 23 says 500 ms
# An alert goes to a service of the operator's, from the worker: it may take longer than a customer would wait.
ALERT_TIMEOUT = timedelta(seconds=3)
ALERT_RETRY_AFTER = (*(timedelta(minutes=one) for one in (1, 5, 15)), *(timedelta(hours=1),) * 4)  # then it is old
BUDGET_LOW_PERCENT = 80  # of an hour's or a day's money for SMS is spent: the first alert
# security.md 2.3: fewer than these of the last codes used, and somebody should look.
CODES_LOOKED_AT = 200
CODES_USED_PERCENT = number("CODES_USED_PERCENT", 20)
POLL_EVERY = span("POLL_EVERY", timedelta(seconds=1))  # how often the relay looks for messages that nobody woke it for

# ── Retention (decisions.md 9) ────────────────────────────────────────────────────────────────
MESSAGES_KEPT = span("MESSAGES_KEPT", timedelta(days=90))
ENDED_SESSIONS_KEPT = span("ENDED_SESSIONS_KEPT", timedelta(days=30))
# Far longer than any secret that expires: as long as the messages, because reports tell which codes were used.
SPENT_SECRETS_KEPT = span("SPENT_SECRETS_KEPT", timedelta(days=90))
SWEEP_EVERY = span("SWEEP_EVERY", timedelta(minutes=1))
METRICS_EVERY = span("METRICS_EVERY", timedelta(seconds=10))  # how often gauges are read: a scrape or two see each

# ── Audit trail (security.md R72, R73) ────────────────────────────────────────────────────────
# Cybersecurity Law art. 21: logs for six months at least. The database's own triggers hold this floor too.
AUDIT_FLOOR = timedelta(days=183)
AUDIT_KEPT = span("AUDIT_KEPT", timedelta(days=365))
if AUDIT_KEPT < AUDIT_FLOOR:
    raise BadRule(f"MENPAI_RULE_AUDIT_KEPT: the law asks for six months; write {AUDIT_FLOOR.days}d or more.")
# What was refused is summed up a minute at a time: so many rows a process, so that no flood fills the disk.
AUDIT_REFUSALS_PER_MINUTE = number("AUDIT_REFUSALS_PER_MINUTE", 300)
AUDIT_SEAL_EVERY = timedelta(seconds=1)  # how long a new row may wait for its place in the chain
TIMELINE_SPAN = timedelta(days=1)  # of a number, unless more is asked for: a caller has just waited for a code
ACTIVITY_PAGE = 20  # events on one page of the customer's recent activity
# Mails "you signed in on a new device" to one customer: more sign-ins than these are made by a program.
NEW_DEVICE_MAILS = (Limit(number("NEW_DEVICE_MAILS_PER_DAY", 5), timedelta(days=1)),)

# ── Being away ────────────────────────────────────────────────────────────────────────────────
SENDING_SHARE = 3  # on SQLite, sending leaves requests the rest of a core: it takes one part of so many
# decisions.md 35: the wait for SQLite's one writer, in a process; beyond either the answer is a 503.
SQLITE_WRITERS_WAITING = number("SQLITE_WRITERS_WAITING", 256)
SQLITE_WRITE_WAIT = span("SQLITE_WRITE_WAIT", timedelta(seconds=2))
CHANGED_AT_ONCE = 100  # rows of a transaction: nobody else writes to SQLite in the 10 ms that it takes
STORE_TIMEOUT = timedelta(milliseconds=250)  # security.md F03
STORE_FAILURES = 5  # so many in a row, and the store is not asked…
STORE_REST = timedelta(seconds=1)  # …for this long; then one call tries
COME_BACK_AFTER = timedelta(seconds=2)  # the Retry-After of a 503 (F13)
BUSY_COME_BACK_AFTER = timedelta(seconds=1)  # the Retry-After when the hasher is full
