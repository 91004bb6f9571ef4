"""The regions of China: today's tree with former names, one region with its dates, its towns.

Public, and the same for everybody: made once an edition, and answered with its ETag.
"""

import gzip
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags
from ninja import Router, Schema
from pydantic import Field

from menpai import errors
from menpai.addresses import regions
from menpai.addresses.regions import Region
from menpai.addresses.regions.tree import Kind, Level, Tree
from menpai.contracts import request_context
from menpai.contracts.api.ninja import operation

router = Router(tags=["regions"])
PINYIN = "Syllables without tones of the short name: hang zhou."
KEEP = "public, max-age=3600"


class RegionNode(Schema):
    code: str
    name: str
    level: Level
    pinyin: str = Field(description=PINYIN)
    children: list["RegionNode"] = Field(description="Levels that do not exist are left out: counties of a province.")


class FormerRegion(Schema):
    code: str
    name: str
    pinyin: str = Field(description=PINYIN)
    until: date = Field(description="The first yearly table without it: the year is exact.")
    now: list[str] = Field(description="The codes of today; several where it was split.")


class Regions(Schema):
    edition: str
    regions: list[RegionNode]
    former: list[FormerRegion] = Field(description="Names of the years since 1999 that are none any more.")


class PathRegion(Schema):
    code: str
    name: str
    level: Level


class Successor(PathRegion):
    path: list[PathRegion]


class DatedRegion(Successor):
    valid_from: date = Field(description="1980-12-31 for what is older. The year is exact.")
    valid_to: date | None = Field(description="The first yearly table without it.")
    kind: Kind | None = Field(description="How it ended.")
    successors: list[Successor] = Field(description="The regions of today in its place.")
    is_official: bool = Field(description="False for codes of ours, below Taiwan, Hong Kong and Macao.")


class Town(Schema):
    code: str = Field(description="Nine digits.")
    name: str
    pinyin: str = Field(description=PINYIN)


class Towns(Schema):
    towns: list[Town]


@operation(router, "GET", "/regions", (200, Regions), signed_in=False, has_etag=True)
def list_regions(request: HttpRequest) -> HttpResponse:
    """Provinces, cities and counties; with gzip 60 KB."""
    return _answer(request, _whole(regions.current()))


@operation(router, "GET", "/regions/{code}", (200, DatedRegion), errors.RegionUnknown, signed_in=False, has_etag=True)
def get_region(request: HttpRequest, code: str) -> HttpResponse:
    """A living or former region or town: its path, its dates, and what became of it."""
    region = _known(code)
    ended = region.valid_to is not None
    content = _with_path(region) | {
        "valid_from": region.valid_from,
        "valid_to": region.valid_to,
        "kind": region.kind,
        "successors": [_with_path(heir) for heir in regions.now(region)] if ended else [],
        "is_official": region.is_official,
    }
    return _answer(request, _Body(msgspec.json.encode(content), b""))


@operation(router, "GET", "/regions/{code}/towns", (200, Towns), errors.RegionUnknown, signed_in=False, has_etag=True)
def list_towns(request: HttpRequest, code: str) -> HttpResponse:
    """The towns of a county, or of a city without counties; none where the data has none."""
    towns = [_short(town, "code", "name", "pinyin") for town in regions.towns(_known(code).code)]
    return _answer(request, _Body(msgspec.json.encode({"towns": towns}), b""))


class _Body(NamedTuple):
    plain: bytes
    compressed: bytes


@lru_cache(maxsize=1)
def _whole(tree: Tree) -> _Body:
    content = {
        "edition": tree.edition,
        "regions": [_node(tree, province) for province in tree.children("")],
        "former": list(filter(None, (_former(tree, region) for region in tree.former()))),
    }
    plain = msgspec.json.encode(content)
    return _Body(plain, gzip.compress(plain, mtime=0))


def _node(tree: Tree, region: Region) -> dict[str, object]:
    children = [_node(tree, child) for child in tree.children(region.code)]
    return _short(region, "code", "name", "level", "pinyin") | {"children": children}


def _former(tree: Tree, region: Region) -> dict[str, object] | None:
    """None where the name alone still leads there: the code is another, the place is called the same."""
    heirs = tree.now(region)
    if [heir.name for heir in heirs] == [region.name]:
        return None
    codes = [heir.code for heir in heirs]
    return _short(region, "code", "name", "pinyin") | {"until": region.valid_to, "now": codes}


def _with_path(region: Region) -> dict[str, object]:
    path = [_short(step, "code", "name", "level") for step in regions.path(region)]
    return path[-1] | {"path": path}


def _short(region: Region, *fields: str) -> dict[str, object]:
    return {field: getattr(region, field) for field in fields}


def _known(code: str) -> Region:
    region = regions.find(code)
    if region is None:
        raise errors.RegionUnknown
    return region


def _answer(request: HttpRequest, body: _Body) -> HttpResponse:
    etag = f'W/"{regions.current().mark}"'
    held = parse_etags(request.headers.get("If-None-Match", ""))
    if {"*", etag, etag.removeprefix("W/")} & set(held):
        response = HttpResponse(status=304)
        del response.headers["Content-Type"]
    elif body.compressed and request_context.takes_gzip(request):
        response = HttpResponse(body.compressed, content_type="application/json")
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = HttpResponse(body.plain, content_type="application/json")
    for name, value in {"ETag": etag, "Cache-Control": KEEP, "Vary": "Accept-Encoding"}.items():
        response.headers[name] = value
    return response
