"""Headers in Chinese and English, in any order, and the rows under them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from menpai.accounts.importing.reasons import BadFile, BadRow
from menpai.identifiers import normalization

_OWN = "行 列 原因 line column reason 行line 列column 原因reason reasonzh reasonen"  # of a file of refused rows
_PUNCTUATION = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Headers:
    """The columns that a file may have: field → its headers. Of each set in `needed` there must be one."""

    names: Mapping[str, str]
    needed: tuple[frozenset[str], ...]
    explanation: tuple[str, str]  # of a first line that lacks one, in Chinese and English

    @property
    def fields(self) -> list[str]:
        return list(self.names)

    @cached_property
    def _by_header(self) -> dict[str, str]:
        named = {header: name for name, headers in self.names.items() for header in headers.split()}
        return named | dict.fromkeys(_OWN.split(), "")

    def known(self, headers: Iterable[object]) -> int:
        """How many of the headers name a field."""
        return sum(bool(self._by_header.get(_key(header))) for header in headers)

    def named(self, headers: Sequence[object], *, ignore_unknown: bool) -> list[str | None]:
        """The field of each column, blank if it is not read, None without a header. Raises BadFile.

        No header is quoted: without a line of headers it would be somebody's data.
        """
        names = [self._by_header.get(_key(header), "?") if _key(header) else None for header in headers]
        if not all(one & set(names) for one in self.needed):
            raise BadFile(*self.explanation)
        unknown = [number for number, name in enumerate(names) if name == "?"]
        if unknown and not ignore_unknown:
            raise BadFile(
                f"无法识别的列：{_places(unknown)}。请改列名或删除该列，或加上 --ignore-unknown-columns。",
                f"Columns that are not known: {_places(unknown)}. Rename or delete them, "
                "or add --ignore-unknown-columns.",
            )
        repeated = [number for number, name in enumerate(names) if name in self.names and name in names[:number]]
        if repeated:
            raise BadFile(
                f"重复的列：{_places(repeated)}，与前面某列含义相同，只留一列。",
                f"Columns that mean the same as one before: {_places(repeated)}. Keep one of them.",
            )
        while names and names[-1] is None:
            names.pop()
        return ["" if name == "?" else name for name in names]


_USERNAMES = "username loginname account accountname userid 用户名 用户名称 登录名 账号 帐号 账户 会员名"
CUSTOMERS = Headers(
    {
        "username": f"{_USERNAMES} name login",
        "mobile": "mobile mobilenumber mobilephone phone phonenumber cellphone tel 手机 手机号 手机号码"
        " 移动电话 电话 电话号码",
        "mobile_verified": "mobileverified mobileisverified phoneverified 手机已验证 手机号已验证 手机验证 手机是否验证"
        " 手机号是否验证 手机号验证 手机已认证 手机认证",
        "email": "email emailaddress mail 邮箱 邮箱地址 电子邮箱 电子邮件 电子邮件地址 邮件",
        "email_verified": "emailverified emailisverified mailverified 邮箱已验证 邮箱验证 邮箱是否验证"
        " 邮箱已认证 邮箱认证",
        "password": "password passwordhash passwd hash hashedpassword 密码 密码哈希 密码散列 登录密码",
    },
    (frozenset({"username", "mobile"}),),
    (
        "第一行必须是列名：username, mobile, mobile_verified, email, email_verified, password，"
        "或用户名、手机号、手机已验证、邮箱、邮箱已验证、密码；至少有用户名或手机号",
        "The first line must name the columns, some of: username, mobile, mobile_verified, email, email_verified, "
        "password; at least username or mobile.",
    ),
)
ADDRESSES = Headers(
    {
        "username": _USERNAMES,
        "mobile": "mobile mobilenumber customermobile 手机 手机号 手机号码 会员手机 会员手机号"
        " 注册手机 注册手机号 账号手机号",
        "receiver": "receiver receivername recipient recipientname consignee 收货人 收货人姓名"
        " 收件人 收件人姓名 姓名 联系人",
        "receiver_mobile": "receivermobile receiverphone recipientphone recipientmobile phone tel telephone 电话"
        " 联系电话 收货人手机 收货人手机号 收货人电话 收货手机 收货手机号 收货电话"
        " 收件人手机 收件人手机号 收件人电话 联系方式",
        "extension": "extension ext 分机 分机号",
        "address": "address fulladdress text 地址 收货地址 完整地址 整段地址 收货信息 地址信息",
        "province": "province state 省 省份",
        "city": "city 市 城市",
        "county": "county district 区 县 区县 县区",
        "town": "town street 街道 乡镇 街道乡镇",
        "detail": "detail detailaddress 详细地址",
        "region_code": "regioncode areacode 区划代码 行政区划代码 地区代码",
        "postcode": "postcode postalcode zip zipcode 邮编 邮政编码",
        "tag": "tag label 标签 地址标签",
        "is_default": "isdefault default 默认 是否默认 默认地址",
    },
    (frozenset({"username", "mobile"}), frozenset({"address", "detail"})),
    (
        "第一行必须是列名：用户名或手机号，以及地址或详细地址；还可以有收货人、联系电话、省、市、区县、街道、邮编、标签、默认等",
        "The first line must name the columns: username or mobile, and address or detail; others are receiver,"
        " receiver_mobile, province, city, county, town, postcode, tag, is_default.",
    ),
)


@dataclass(frozen=True)
class Record:
    """A row of a file: its line, its fields, its cells as they stand there, or why it has none."""

    line: int
    fields: Mapping[str, object] = field(default_factory=dict)
    cells: Sequence[object] = ()
    problem: BadRow | None = None


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
