"""Headers in Chinese and English, in any order, and the rows under them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from menpai.accounts.importing.reasons import BadFile, BadRow
from menpai.identifiers import normalization

FIELDS = ("username", "mobile", "mobile_verified", "email", "email_verified", "password")
OWN = ("line", "column", "reason_zh", "reason_en")  # of the file of refused rows, which may be imported again

_HEADERS = {
    "username": "username name login loginname account accountname userid 用户名 用户名称 登录名 账号 帐号 账户 会员名",
    "mobile": "mobile mobilenumber mobilephone phone phonenumber cellphone tel 手机 手机号 手机号码"
    " 移动电话 电话 电话号码",
    "mobile_verified": "mobileverified mobileisverified phoneverified 手机已验证 手机号已验证 手机验证 手机是否验证"
    " 手机号是否验证 手机号验证 手机已认证 手机认证",
    "email": "email emailaddress mail 邮箱 邮箱地址 电子邮箱 电子邮件 电子邮件地址 邮件",
    "email_verified": "emailverified emailisverified mailverified 邮箱已验证 邮箱验证 邮箱是否验证 邮箱已认证 邮箱认证",
    "password": "password passwordhash passwd hash hashedpassword 密码 密码哈希 密码散列 登录密码",
    "": "行 列 原因 line column reason 行line 列column 原因reason reasonzh reasonen",
}
_FIELDS_BY_HEADER = {header: name for name, headers in _HEADERS.items() for header in headers.split()}
_PUNCTUATION = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Record:
    """A row of a file: its line, its fields, its cells as they stand there, or why it has none."""

    line: int
    fields: Mapping[str, object] = field(default_factory=dict)
    cells: Sequence[object] = ()
    problem: BadRow | None = None


def known(headers: Iterable[object]) -> int:
    """How many of the headers name a field."""
    return sum(bool(_FIELDS_BY_HEADER.get(_key(header))) for header in headers)


def named(headers: Sequence[object], *, ignore_unknown: bool) -> list[str | None]:
    """The field of each column, blank if it is not read, None without a header. Raises BadFile.

    No header is quoted: without a line of headers it would be somebody's data.
    """
    names = [_FIELDS_BY_HEADER.get(_key(header), "?") if _key(header) else None for header in headers]
    if not {"username", "mobile"} & set(names):
        fields = ", ".join(FIELDS)
        raise BadFile(
            f"第一行必须是列名：{fields}，或用户名、手机号、手机已验证、邮箱、邮箱已验证、密码；至少有用户名或手机号",
            f"The first line must name the columns, some of: {fields}; at least username or mobile.",
        )
    unknown = [number for number, name in enumerate(names) if name == "?"]
    if unknown and not ignore_unknown:
        raise BadFile(
            f"无法识别的列：{_places(unknown)}。请改列名或删除该列，或加上 --ignore-unknown-columns。",
            f"Columns that are not known: {_places(unknown)}. Rename or delete them, or add --ignore-unknown-columns.",
        )
    repeated = [number for number, name in enumerate(names) if name in FIELDS and name in names[:number]]
    if repeated:
        raise BadFile(
            f"重复的列：{_places(repeated)}，与前面某列含义相同，只留一列。",
            f"Columns that mean the same as one before: {_places(repeated)}. Keep one of them.",
        )
    while names and names[-1] is None:
        names.pop()
    return ["" if name == "?" else name for name in names]


def record(line: int, names: Sequence[str | None], cells: Sequence[object]) -> Record | None:
    """A row under its headers; None for an empty one."""
    filled = [number for number, cell in enumerate(cells) if not _is_blank(cell)]
    if not filled:
        return None
    stray = [number for number in filled if number >= len(names) or names[number] is None]
    if stray:
        zh, en = f"没有列名的列中有内容：{_places(stray)}", f"something in a column without a header: {_places(stray)}"
        return Record(line, cells=cells, problem=BadRow("", zh, en))
    if len(cells) < len(names):
        zh, en = f"有 {len(cells)} 列，应为 {len(names)} 列", f"{len(cells)} columns in place of {len(names)}"
        return Record(line, cells=cells, problem=BadRow("", zh, en))
    fields = {name: cell for name, cell in zip(names, cells, strict=False) if name}
    return Record(line, fields, list(fields.values()))


def _key(header: object) -> str:
    return _PUNCTUATION.sub("", normalization.compact(str(header or "")).casefold())


def _is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not normalization.line(cell))


def _places(numbers: Sequence[int]) -> str:
    """Columns as spreadsheets name them: C, AA."""
    return ", ".join(_letters(number) for number in numbers[:10]) + (", …" if len(numbers) > 10 else "")


def _letters(number: int) -> str:
    head, last = divmod(number, 26)
    return (_letters(head - 1) if head else "") + chr(ord("A") + last)
