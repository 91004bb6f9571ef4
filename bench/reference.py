"""The reference: the same work without a product, on the same core, as the limit of this machine.

A raw ASGI application on uvicorn (uvloop, httptools), asyncpg's pool, PyJWT with HS256, msgspec. It checks no session
row, takes no lock and knows no rule beyond the shape of four fields: the difference is the cost of the product.
"""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, cast
from uuid import uuid4

import asyncpg
import jwt
import msgspec
import uvicorn
from argon2 import PasswordHasher

SHARED_KEY = "for measuring only, as long as it has to be"
CONNECTIONS = 16
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_encode = msgspec.json.Encoder().encode

LIST = """SELECT id, address, receiver, mobile, tag, postcode, is_default, province, city, county, detail
FROM menpai_address WHERE customer_id = $1 AND deleted_at IS NULL ORDER BY is_default DESC, id DESC"""
ADD = """INSERT INTO menpai_address (customer_id, receiver, mobile, address, postcode, tag, province, city, county,
detail, is_default, created_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, '', '', '', '', false, $7, $7) RETURNING id"""
CLEAR = "UPDATE menpai_address SET is_default = false WHERE customer_id = $1 AND is_default AND deleted_at IS NULL"
SET = """UPDATE menpai_address SET is_default = true, used_at = $3
WHERE customer_id = $1 AND id = $2 AND deleted_at IS NULL"""
TAKEN = "SELECT id FROM menpai_customer WHERE mobile = $1 AND mobile_verified_at IS NOT NULL"
TELL = """INSERT INTO menpai_message (reference, channel, kind, recipient, language, sealed, state, attempts, gateway,
vendor_reference, problem, created_at, due_at, expires_at)
VALUES ($1, $2, $3, $4, 'zh-hans', $5, 'queued', 0, '', '', '', $6, $6, $7) RETURNING id"""


class NewAddress(msgspec.Struct):
    receiver: Annotated[str, msgspec.Meta(min_length=1, max_length=10)]
    receiver_phone: Annotated[str, msgspec.Meta(pattern=r"^1[3-9][0-9]{9}$")]
    address: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    tag: Annotated[str, msgspec.Meta(min_length=1, max_length=10)]
    postcode: str = ""


class Choice(msgspec.Struct):
    id: int


class Mailbox(msgspec.Struct):
    email: str


class Redis(asyncio.Protocol):
    """As much of a client as one pipeline of two commands with integer or simple answers needs."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []
        self._lines = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own kind

    def data_received(self, data: bytes) -> None:
        assert b"-" not in data, data
        self._lines += data.count(b"\r\n")
        while self._lines >= 2 and self._waiting:
            self._lines -= 2
            self._waiting.pop(0).set_result(None)

    async def count(self, key: str) -> None:
        """One more in this window, and how long it lasts."""
        name = key.encode()
        self._transport.write(
            b"*2\r\n$4\r\nINCR\r\n$%d\r\n%b\r\n*3\r\n$6\r\nEXPIRE\r\n$%d\r\n%b\r\n$2\r\n60\r\n"
            % (len(name), name, len(name), name)
        )
        answered = asyncio.get_running_loop().create_future()
        self._waiting.append(answered)
        await answered


class Application:
    def __init__(self, database: str, redis_port: int) -> None:
        self.database, self.redis_port = database, redis_port
        self.redis = Redis()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        try:
            content = await self._answer(scope, receive)
            status = 200
        except (msgspec.ValidationError, jwt.PyJWTError, KeyError) as error:
            status, content = 400, {"error": str(error)}
        body = _encode(content)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self.pool = await asyncpg.create_pool(self.database, min_size=CONNECTIONS, max_size=CONNECTIONS)
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self.redis, "127.0.0.1", self.redis_port)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: MutableMapping[str, Any], receive: Receive) -> object:
        path: str = scope["path"]
        if path.endswith("/address"):
            if scope["method"] == "GET":
                return await self._list(_customer(scope))
            return await self._add(_customer(scope), msgspec.json.decode(await _body(receive), type=NewAddress))
        if path.endswith("/address/default"):
            return await self._set(_customer(scope), msgspec.json.decode(await _body(receive), type=Choice))
        if path.startswith("/user/mobile/"):
            return await self._check(path[13:24])
        if path.startswith("/user/sms/"):
            return await self._tell("sms", path[10:21])
        mailbox = msgspec.json.decode(await _body(receive), type=Mailbox)
        return await self._tell("email", mailbox.email)

    async def _list(self, customer: int) -> object:
        return {"code": 200, "addresslist": [dict(row) for row in await self.pool.fetch(LIST, customer)]}

    async def _add(self, customer: int, new: NewAddress) -> object:
        now = datetime.now(UTC)
        values = (new.receiver, new.receiver_phone, new.address, new.postcode, new.tag, now)
        return {"code": 200, "id": await self.pool.fetchval(ADD, customer, *values)}

    async def _set(self, customer: int, choice: Choice) -> object:
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(CLEAR, customer)
            await connection.execute(SET, customer, choice.id, datetime.now(UTC))
        return {"code": 200}

    async def _check(self, mobile: str) -> object:
        await self.redis.count("bench:check")
        return {"message": "ok", "status": not await self.pool.fetch(TAKEN, mobile)}

    async def _tell(self, channel: str, target: str) -> object:
        await self.redis.count(f"bench:{target}")
        now = datetime.now(UTC)
        sealed = "0" * 100
        life = timedelta(minutes=5)
        number = await self.pool.fetchval(TELL, uuid4(), channel, "code", target, sealed, now, now + life)
        return {"code": 200, "message": "短信发送成功！", "id": number}


def _customer(scope: MutableMapping[str, Any]) -> int:
    token = next(value for name, value in scope["headers"] if name == b"authorization")
    return int(jwt.decode(token.decode(), SHARED_KEY, algorithms=["HS256"])["id"])


async def _body(receive: Receive) -> bytes:
    event = await receive()
    content: bytes = event["body"]
    while event.get("more_body"):
        event = await receive()
        content += event["body"]
    return content


def token(customer: int) -> str:
    return jwt.encode({"id": customer, "exp": int(time.time()) + 3600}, SHARED_KEY, "HS256")


def hash_for(seconds: float, niceness: int, memory: int, passes: int, lanes: int) -> float:
    """Returns how many passwords argon2id verifies a second in this process."""
    os.nice(niceness)
    hasher = PasswordHasher(time_cost=passes, memory_cost=memory, parallelism=lanes)
    stored = hasher.hash("correct horse 9")
    begin, done = time.perf_counter(), 0
    while time.perf_counter() - begin < seconds:
        hasher.verify(stored, "correct horse 9")
        done += 1
    return done / (time.perf_counter() - begin)


def main(arguments: list[str]) -> None:
    if arguments[0] == "hash":
        seconds, niceness, memory, passes, lanes = arguments[1:]
        print(hash_for(float(seconds), int(niceness), int(memory), int(passes), int(lanes)))
        return
    port, database, redis_port = arguments[1:]
    uvicorn.run(
        Application(database, int(redis_port)),
        port=int(port),
        loop="uvloop",
        http="httptools",
        lifespan="on",
        log_level="warning",
        access_log=False,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
