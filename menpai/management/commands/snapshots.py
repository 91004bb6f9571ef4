"""The `menpai snapshots` command: verify the snapshot of an address that an order keeps."""

import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from menpai.addresses import signed_snapshot
from menpai.keys.file import KeysFileError
from menpai.models import Snapshot

INVALID, UNCHECKED = 1, 2  # exit codes
REASONS = {
    "format": "不是快照 · no compact JWS with JSON inside",
    "header": "头部有多余的字段 · the header has other fields",
    "typ": "不是地址快照 · another type",
    "alg": "算法不对 · another algorithm",
    "kid": "没有这个密钥 · no such key here",
    "signature": "签名不符，内容被改过 · the signature does not match: it was changed",
    "iss": "由别处签发 · issued elsewhere",
    "aud": "不是给订单的 · not made for orders",
    "v": "版本不认识 · an unknown version",
    "record": "这里没有签发过 · not issued here",
}


class Command(BaseCommand):
    help = "验证订单中的地址快照 · verify FILE (- for stdin): 0 genuine, 1 not genuine, 2 could not be checked."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="verify")
        action = actions.add_parser("verify", help="验证签名、各项声明和本地记录 · signature, claims, our record of it")
        action.add_argument("file", metavar="FILE", help="快照，- 为标准输入 · the JWS as it was answered; - for stdin")
        action.add_argument("--issuer", default=settings.MENPAI_PUBLIC_URL, help="签发者 · MENPAI_PUBLIC_URL of then")
        action.add_argument("--offline", action="store_true", help="不查数据库 · without the database")

    def handle(self, *_: Any, file: str, issuer: str, offline: bool, **__: Any) -> None:
        jws = _read(file)
        try:
            claims = signed_snapshot.verify(jws, issuer)
            if not offline and not _is_recorded(claims["jti"], jws):
                raise signed_snapshot.SnapshotInvalid("record", claims["jti"])
        except signed_snapshot.SnapshotInvalid as error:
            reason = REASONS.get(error.part, "缺失或格式不对 · missing or malformed")
            value = f" {str(error.value)[:80]!r}" if error.value else ""
            raise CommandError(f"无效 · not genuine: {error.part}{value}: {reason}", returncode=INVALID) from error
        except KeysFileError as error:
            raise CommandError(str(error), returncode=UNCHECKED) from error
        issued = datetime.fromtimestamp(claims["iat"], UTC).isoformat().replace("+00:00", "Z")
        self.stdout.write(f"有效 · genuine: {claims['jti']}, 订单 · order {claims['order']}, {issued}")


def _read(file: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return raw[: signed_snapshot.LONGEST].decode("ascii").strip()
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}", returncode=UNCHECKED) from error
    except UnicodeDecodeError as error:
        reason = f"无效 · not genuine: format: {REASONS['format']}"
        raise CommandError(reason, returncode=INVALID) from error


def _is_recorded(snapshot_id: str, jws: str) -> bool:
    """True if this is the payload that was signed here under this id."""
    try:
        return Snapshot.objects.filter(pk=snapshot_id, digest=signed_snapshot.digest(jws)).exists()
    except DatabaseError as error:
        reason = "数据库无法访问，可用 --offline · the database is away: --offline does without"
        raise CommandError(reason, returncode=UNCHECKED) from error
