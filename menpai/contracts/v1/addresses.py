"""The address book in the dada contract."""

from django.http import HttpRequest

from menpai import errors, identifiers
from menpai.addresses import book as address_book
from menpai.contracts import request_body, request_context
from menpai.contracts.v1.envelope import Answer, endpoint


@endpoint(away=10121)
def list_addresses(request: HttpRequest, name: str) -> Answer:
    caller = request_context.caller_named(request, name)
    return _book(address_book.list_for(caller.id))


@endpoint(away=10120)
def add_address(request: HttpRequest, name: str) -> Answer:
    sent = _Sent(request_body.read(request))
    caller = request_context.caller_named(request, name)
    new = sent.draft(postcode=sent.postcode or "")
    return {"data": "新增地址成功！"} | _book(address_book.add(caller.id, new))


@endpoint(away=10120)
def edit_address(request: HttpRequest, name: str, address_id: str) -> Answer:
    fields = request_body.read(request)
    sent, in_body = _Sent(fields), fields.raw("id")
    caller = request_context.caller_named(request, name)
    if None in (sent.receiver, sent.mobile, sent.tag) or not sent.has_place():
        raise errors.AddressIncomplete
    new, wanted = sent.draft(sent.postcode), _id(address_id)
    if in_body is not None and _id(in_body) != wanted:
        raise errors.AddressIdInvalid
    return {"data": "地址修改成功！"} | _book(address_book.edit(caller.id, wanted, new))


@endpoint(away=10120)
def remove_address(request: HttpRequest, name: str, address_id: str) -> Answer:
    caller = request_context.caller_named(request, name)
    return {"data": "删除地址成功"} | _book(address_book.remove(caller.id, _id(address_id)))


@endpoint(away=10120)
def set_default_address(request: HttpRequest, name: str) -> Answer:
    address_id = request_body.read(request).raw("id")
    if address_id is not None and (isinstance(address_id, bool) or not isinstance(address_id, int | str)):
        raise errors.BadRequest
    caller = request_context.caller_named(request, name)
    return {"data": "设为默认成功！"} | _book(address_book.set_default(caller.id, _id(address_id)))


class _Sent:
    """An address as it was sent: both generations' fields, under every spelling."""

    def __init__(self, fields: request_body.Fields) -> None:
        self.receiver = fields.text("receiver")
        self.mobile = fields.text("receiver_phone", "receiver_mobile")
        self.address = fields.text("address")
        self.province, self.city = fields.text("province"), fields.text("city")
        self.county, self.detail = fields.text("county"), fields.text("detail")
        self.tag = fields.text("tag")
        self.postcode = fields.text("postcode")

    def has_place(self) -> bool:
        return self.address is not None or None not in (self.province, self.detail)

    def draft(self, postcode: str | None) -> address_book.Draft:
        parts = (self.province, self.city, self.county, self.detail)
        return address_book.parse_draft(self.receiver, self.mobile, self.address, parts, self.tag, postcode)


def _id(raw: object) -> int:
    found = identifiers.row_id(raw)
    if found is None:
        raise errors.AddressIdInvalid
    return found


def _book(entries: list[address_book.Entry]) -> Answer:
    return {
        "addresslist": [
            {
                "id": one.id,
                "address": one.address,
                "receiver": one.receiver,
                "receiver_mobile": one.mobile,
                "tag": one.tag,
                "postcode": one.postcode,
                "is_default": one.is_default,
                "province": one.province,
                "city": one.city,
                "county": one.county,
                "detail": one.detail,
            }
            for one in entries
        ]
    }
