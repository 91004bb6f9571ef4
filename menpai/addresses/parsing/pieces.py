"""The pieces of a text that are left when labels, numbers and regions are away."""

import re
from dataclasses import dataclass

from menpai.addresses.parsing import names, vocabulary
from menpai.addresses.parsing.cleaning import LABEL, NUMBER

REGION = "\x1d"  # stands where the region stood
GONE = LABEL + NUMBER + REGION
MOST = 64  # pieces that are looked at one by one
_HARD = re.compile(f"[\\n,;|!?…<>{GONE}]+| {{2,}}|:(?![0-9])|[*]{{2,}}")
_NAMED = r"\((?=[一-鿿]{1,4}(?:收|先生|女士|小姐)\))"  # (何军收)
_SOFT = re.compile(rf" +|[/_~\\]|(?<=[一-鿿])-(?=[一-鿿])|{_NAMED}")
_SOFT_AND_DOTS = re.compile(rf" +|[/_~·\\]|(?<=[一-鿿])-(?=[一-鿿])|{_NAMED}")
_DOT_BETWEEN = re.compile(f"[{GONE}] ?·|· ?[{GONE}]")
_TRIM = " -_/|~·.:,;*>=+\"'“”‘’«»《》^$"
_LONGEST_TRAIL = 16
_NAMELY = 2  # of names.person
_PAIRS = {")": "(", "]": "["}
# Possessive: what is taken is not given back, so that no text makes them slow.
_COURTESY = re.compile(
    "(?:你好|您好|亲|hi|hello|麻烦|请|帮忙|帮我|给我|谢谢|多谢|感谢|辛苦|好的|嗯|哈喽|在吗|老板|thanks|thank you|拜托)"
    "(?:了|啦|您|你|哦|哈|呀|呢|老板|亲爱的|亲|嗯|~)*+$",
    re.IGNORECASE,
)
_CHAT = re.compile(
    "^我姓.$|麻烦|谢谢|辛苦|尽快|发货|发错|收到|回复|改一下|改下|改成|改为|改到|嗯|哦|在吗|客服|包邮|急用|急需|拜托|请问|下单|快点|早点|哈哈|亲亲|"
    "老板|记得|千万|不要发|别发|打电话|电联|到付|(?:请|走|发|用|寄|要|选)(?:顺丰|圆通|中通|申通|韵达|邮政|京东|极兔)|"
    "(?:顺丰|圆通|中通|申通|韵达)(?:发|寄|谢)"
)
_LEAD = re.compile(
    "(?:(?:你好|您好|亲爱的|亲|麻烦|请|帮忙|帮我|谢谢|老板|我|把|这个|那个|就|都|全部|这|东西|包裹|快递(?!到|给)|货|件|给我|给|直接|一下|可以|能|"
    "的话|到时候|再|也|还是|改成?|顺丰|尽快|今天|明天){0,12}+"
    "(?:寄到|寄给|寄往|寄去|寄至|寄|发到|发给|发往|发至|发去|发货到|发|送到|送至|邮寄到|邮寄|邮到|快递到|快递给|邮给|新?地址|住在|住|(?:收件|收货|新)地址|"
    "公司在|家在|人在|to )(?:是|为|到|给|在|这里|这边|这个地址|以下地址|下面这个地址|的){0,4}+"
    "|我(?:的?(?:收货|收件|新|公司|家|家里)?地址|的?名字|家?住?)(?:是|为|在|叫)++|我叫|我是|叫我|叫|(?:请|麻烦)?(?:找|联系|交给|给)(?=[一-鿿]{2,4}$)|就?写(?=[一-鿿]{2,6}$)|(?:收件人|收货人|名字|姓名)写|收货人是|收件人是|"
    "联系人是|本人|名字叫|名字是|姓名是|from |to |attn |另外|备用|默认地址|默认)[ :]*",
    re.IGNORECASE,
)
_THANKS = re.compile(
    "(?:亲收|收启|敬收|敬启|收件|接收|\\(收\\)|(?<!签|代)收吧?|就行|就好|就可以了?|即可|谢谢.{0,3}|多谢|感谢|辛苦了?|谢了|thanks?|哈|哦|呢|呀|啦)$",
    re.IGNORECASE,
)
_PARTICLES = re.compile("[哈哦呢呀啦吧啊~]*")
_RECEIVES = re.compile("(?:签收|代收|收货|启)$")  # behind a name; 菜鸟代收 is a place
_NUMBER_WORDS = re.compile(
    "(?:我的|的|他的|她的)?(?:电话|手机|手机号|号码|联系|tel|phone|电联|致电|call|打|是|为)+$", re.IGNORECASE
)
_ADDRESS = re.compile(
    "[0-9][号栋楼幢单室弄层座村组元院期区]|[0-9]-[0-9]|[路街道巷弄村镇乡](?:[^路街道巷弄村镇乡]|$)|小区|大厦|花园|公寓|广场|大学|学院|中学|小学|医院|street|road|"
    "avenue|lane| st\\b| rd\\b| ave\\b|room|building",
    re.IGNORECASE,
)
_WORDS = vocabulary.section("pieces")
TAGS = vocabulary.pairs(_WORDS["tags"])
IGNORED = frozenset(_WORDS["ignored"])


@dataclass
class Piece:
    start: int
    end: int
    text: str
    hard: tuple[bool, bool]  # a hard separator before and behind
    used: str = ""


def split(text: str) -> list[Piece]:
    """The pieces of the text in their order, without the signs around them."""
    pieces = []
    begin = 0
    soft = _SOFT_AND_DOTS if "·" in text and _DOT_BETWEEN.search(text) else _SOFT
    for match in [*_HARD.finditer(text), None]:
        end = match.start() if match else len(text)
        pieces += _soft(text, begin, end, soft)
        if match:
            begin = match.end()
    return pieces


def _soft(text: str, start: int, end: int, signs: re.Pattern[str]) -> list[Piece]:
    pieces: list[Piece] = []
    begin = start
    if begin >= end:
        return pieces
    bounds = [(match.start(), match.end()) for match in signs.finditer(text, start, end)] + [(end, end)]
    for stop, after in bounds:
        left, right = trim(text, begin, stop)
        if left < right:
            last = pieces[-1] if pieces else None
            if last and (_is_spaced_name(last, text, left, right) or _is_latin(last, text, left, right)):
                pieces[-1] = Piece(last.start, right, text[last.start : right], (last.hard[0], False))
            else:
                pieces.append(Piece(left, right, text[left:right], (not pieces, False)))
        begin = after
    if pieces:
        pieces[-1].hard = (pieces[-1].hard[0], True)
    return pieces


def _is_latin(last: Piece, text: str, left: int, right: int) -> bool:
    return last.text.isascii() and text[left:right].isascii() and not text[last.end : left].strip(" .")


def _is_spaced_name(last: Piece, text: str, left: int, right: int) -> bool:
    """马 超: a surname, a space and a given name of one character or two."""
    is_short = len(last.text) == 1 and right - left <= 2 and "\u4e00" <= text[left] <= "\u9fff"
    return is_short and last.text in names.SURNAMES and text[last.end : left].isspace()


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Without separators and unpaired brackets at both ends."""
    while start < end:
        first, last = text[start], text[end - 1]
        if first in _TRIM or first in ")]" or first == "#":
            start += 1
        elif (
            last in _TRIM
            or last in "(["
            or (last == "#" and not text[start:end][-2:-1].isdigit())
            or (last in _PAIRS and text.rfind(_PAIRS[last], start, end) < 0)
        ):
            end -= 1
        elif first in "([" and text.find(")" if first == "(" else "]", start, end) < 0:
            start += 1
        elif first in "([" and last == (")" if first == "(" else "]") and text.find(last, start, end) == end - 1:
            start, end = start + 1, end - 1
        else:
            break
    return start, end


def shed_courtesy(piece: Piece, text: str) -> list[tuple[int, int]]:
    """Takes the words of courtesy off the piece: 请寄到…, 我叫…, …收. Answers what was taken."""
    taken = []
    if _COURTESY.match(piece.text):
        piece.used = "dropped"
    elif _CHAT.search(piece.text) and not is_address(piece.text):
        piece.used = "rest"
    if piece.used:
        return []
    if (lead := _LEAD.match(piece.text)) and lead.end():
        end = piece.start + lead.end() + len(_PARTICLES.match(piece.text, lead.end())[0])  # type: ignore[index]
        taken.append((piece.start, end))
        piece.start = end
    for pattern in (_NUMBER_WORDS, _THANKS, _RECEIVES):
        floor = max(piece.start, piece.end - _LONGEST_TRAIL)
        trail = pattern.search(text[floor : piece.end])
        stop = floor + trail.start() if trail else 0
        if stop > piece.start and (pattern is not _RECEIVES or names.person(text[piece.start : stop]) >= _NAMELY):
            taken.append((stop, piece.end))
            piece.end = stop
    piece.start, piece.end = trim(text, piece.start, piece.end)
    piece.text = text[piece.start : piece.end]
    if not piece.text:
        piece.used = "dropped"
    return taken


def is_apart(text: str, start: int, end: int) -> bool:
    """Is there a hard separator between?"""
    return bool(_HARD.search(text, start, end))


def is_address(text: str) -> bool:
    return bool(_ADDRESS.search(text))
