"""The address book in the dada contract."""

from collections.abc import Callable, Sequence
from functools import partial

from django.http import HttpRequest

from menpai import errors, identifiers
from menpai.addresses import book as address_book
from menpai.addresses import record
from menpai.addresses.record import Address
from menpai.contracts import request_body, request_context
from menpai.contracts.v1.envelope import Answer, endpoint

# A field that was sent → the spellings under which it may come.
SPELLINGS = {
    "receiver": ("receiver",),
    "mobile": ("receiver_phone", "receiver_mobile"),
    "address": ("address",),
    "province": ("province",),
    "city": ("city",),
    "county": ("county",),
    "detail": ("detail",),
    "tag": ("tag",),
    "postcode": ("postcode",),
}
# A published field → the attribute of the address: the extension and the town have no fields here.
PUBLISHED = {
    "id": "id",
    "address": "address",
    "receiver": "receiver",
    "receiver_mobile": "number",
    "tag": "tag",
    "postcode": "postcode",
    "is_default": "is_default",
    "province": "province",
    "city": "city",
    "county": "county",
    "detail": "place",
}


@endpoint(away=10121, reads=True)
def list_addresses(request: HttpRequest, name: str) -> Answer:
    return _book(request_context.caller_named(request, name, address_book.select_with_session).rows)


_ADDED = {"data": "新增地址成功！"}
_REMOVED = {"data": "删除地址成功"}


def _list_again(answer: Answer) -> Callable[..., Answer]:
    """The answer to a repeat: the book as it is now."""

    def again(request: HttpRequest, _noted: str, **_path: str) -> Answer:
        return answer | _book(address_book.list_for(request_context.caller_of(request).id))

    return again


@endpoint(away=10120, again=_list_again(_ADDED))
def add_address(request: HttpRequest, name: str) -> Answer:
    sent = _sent(request_body.read(request))
    caller = request_context.caller_named(request, name)
    new = record.parse(sent | {"postcode": sent["postcode"] or ""}, published=True)
    return _ADDED | _book(address_book.add(caller.id, new))


@endpoint(away=10120)
def edit_address(request: HttpRequest, name: str, address_id: str) -> Answer:
    fields = request_body.read(request)
    sent, in_body = _sent(fields), fields.raw("id")
    caller = request_context.caller_named(request, name)
    if None in (sent["receiver"], sent["mobile"], sent["tag"]) or not _has_place(sent):
        raise errors.AddressIncomplete
    parse = partial(record.parse, sent, published=True)
    number = identifiers.row_id(address_id)
    if number is None or (in_body is not None and identifiers.row_id(in_body) != number):
        parse()  # a bad field is told first
        raise errors.AddressIdInvalid
    return {"data": "地址修改成功！"} | _book(address_book.edit(caller.id, number, parse))


@endpoint(away=10120, again=_list_again(_REMOVED))
def remove_address(request: HttpRequest, name: str, address_id: str) -> Answer:
    caller = request_context.caller_named(request, name)
    return _REMOVED | _book(address_book.remove(caller.id, _id(address_id)))


@endpoint(away=10120)
def set_default_address(request: HttpRequest, name: str) -> Answer:
    address_id = request_body.read(request).raw("id")
    if address_id is not None and (isinstance(address_id, bool) or not isinstance(address_id, int | str)):
        raise errors.BadRequest
    caller = request_context.caller_named(request, name)
    return {"data": "设为默认成功！"} | _book(address_book.set_default(caller.id, _id(address_id)))


def _sent(fields: request_body.Fields) -> dict[str, str | None]:
    """An address as it was sent: both generations' fields, under every spelling."""
    texts = {name: fields.text(*spellings) for name, spellings in SPELLINGS.items() if name != "mobile"}
    return texts | {"mobile": fields.digits(*SPELLINGS["mobile"])}


def _has_place(sent: dict[str, str | None]) -> bool:
    return sent["address"] is not None or None not in (sent["province"], sent["detail"])


def _id(raw: object) -> int:
    address_id = identifiers.row_id(raw)
    if address_id is None:
        raise errors.AddressIdInvalid
    return address_id


def _book(addresses: Sequence[Address]) -> Answer:
    return {
        "addresslist": [
            {published: getattr(address, name) for published, name in PUBLISHED.items()} for address in addresses
        ]
    }
