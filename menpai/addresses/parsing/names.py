"""Receivers: how much a piece of the text looks like the name of a person or a firm."""

import re

from menpai.addresses.parsing import vocabulary

_WORDS = vocabulary.section("people")
SURNAMES = frozenset("".join(_WORDS["surnames"]))
COMPOUND = frozenset(_WORDS["compound_surnames"])
_TITLE = re.compile(
    "(?:先生|女士|小姐|老师|师傅|经理|主任|医生|大夫|阿姨|叔叔|同学|太太|老板|总|生|姐|哥|妹|弟|妈妈|爸爸|爷爷|奶奶|教授|院长|店长|会计|警官|工|嫂|婶|伯|娘|宝宝|妈|爸|宝贝)$"
)
_FIRM = re.compile(
    "(?:公司|集团|工厂|厂|店|馆|行|社|部|中心|银行|超市|商行|五金|生鲜|工作室|事务所|图书馆|学校|大学|医院|批发|便利|食品|水果|科室|班|前台|餐厅|酒店)(?:[^路街号楼室]{0,4})$"
)
_PLACE = re.compile(
    "(?:[路街道巷弄号楼室栋幢层村组镇乡县市省区园苑庭湾厦座户寨屯庄队院站库柜口旁边侧里城府轩阁居坊楼梯角米内外上下门单元]|小区|大厦|公寓|花园|广场|校区|驿站|街道|社区|家属院|宿舍|学院|大学|"
    "中学|小学|学校|医院|银行|超市|商店|市场|公司|中心|办事处|自提|快递柜|物业|门卫|代收点)$"
)
_NICK = re.compile("^[阿老小大][^路街道巷弄号]{1,2}$|^[A-Za-z]{1,3}[一-鿿]{1,3}$|^[一-鿿]{1,3}[A-Za-z]{1,12}$")
_TITLED = re.compile(r"^[一-鿿]{1,4}\((?:先生|女士|小姐|老师|师傅|男|女)\)$")
_HAN = re.compile("[一-鿿㐀-䶿〇\U00020000-\U0003ffff]+")
_MINORITY = re.compile("^[一-鿿]{1,8}(?:[·•.][一-鿿]{1,10}){1,3}$")
_LATIN = re.compile("^[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ'.-]*(?: [A-Za-zÀ-ɏ][A-Za-zÀ-ɏ'.-]*){0,4}$")
_FOREIGN = re.compile("^[\u0600-\u06ff\u0f00-\u0fff\u3040-\u30ff\uac00-\ud7af\u0400-\u04ff ·.]{2,40}$")
_DIGIT = re.compile("[0-9]")
_LATIN_PLACE = re.compile(
    r"\b(?:lu|jie|dajie|dadao|road|rd|street|st|avenue|ave|building|bldg|room|rm|no|hao|floor|unit|block|lane|"
    r"village|town|zhen|xiang|cun|community|xiaoqu|garden|plaza|"
    r"tower|district|city|province|county|china)\b",
    re.IGNORECASE,
)
_LATIN_TAIL = re.compile(
    r"(?:\d[A-Za-z]?(?! (?:hao|shi|lou|ceng|dong)\b)|\b(?:hao|shi|lou|ceng|dong|road|rd|street|avenue|building|"
    r"lu|jie))[ ,]+((?:[A-Za-z]+ ){1,2}[A-Za-z]+)$",
    re.IGNORECASE,
)


def person(piece: str) -> float:
    """How surely the piece alone is a name, by its form."""
    if _DIGIT.search(piece):
        return -6 if not _FIRM.search(piece) else -2
    if _HAN.fullmatch(piece):
        return _of_han(piece)
    if _MINORITY.match(piece):
        return 5
    if _TITLED.match(piece):
        return 6
    if _LATIN.match(piece):
        return -3 if _LATIN_PLACE.search(piece) else 3
    if _FOREIGN.match(piece):
        return 3
    return 2 if _NICK.match(piece) else -1


def _of_han(piece: str) -> float:
    length = len(piece)
    if length == 1:
        return 2 if piece in SURNAMES else 0
    surname = piece[:2] in COMPOUND
    likely = surname or piece[0] in SURNAMES
    if _TITLE.search(piece) and length <= 5 and (likely or length <= 4):
        return 6 if likely else 3
    if length <= 4 and surname and length > 2:
        return 5
    place = bool(_PLACE.search(piece))
    if length in (2, 3) and likely:
        return 1 if place else 5
    if place:
        return -4
    if _NICK.match(piece):
        return 3
    if length <= 3:
        return 2
    if length == 4:
        return 2 if likely else 1
    return 0.5 if _FIRM.search(piece) else (0 if length <= 6 else -2)


def is_firm(piece: str) -> bool:
    return bool(_FIRM.search(piece))


def is_place(piece: str) -> bool:
    return bool(_PLACE.search(piece))


_INTRODUCED = re.compile("(?:收货人|收件人|联系人|姓名|收件|前台转|转|交)[:是 ]?([一-鿿]{2,4})$")


def introduced(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Where the words before a name begin, and the name, at the end of the piece: …969号联系人张三."""
    match = _INTRODUCED.search(text, max(start, end - 10), end)
    return (match.start(), match.start(1)) if match and person(match[1]) >= 2 else None


def glued(text: str, start: int, end: int) -> int:
    """Where a name begins that is glued to the end of `text[start:end]`, or `end`: …38楼马小云."""
    if text[end - 1].isascii():
        tail = _LATIN_TAIL.search(text, max(start, end - 40), end)
        return tail.start(1) if tail else end
    for length in (4, 3, 2):
        begin = end - length
        if begin <= start:
            continue
        name = text[begin:end]
        if not _HAN.fullmatch(name) or not (text[begin - 1].isascii() or text[begin - 1] in _BUILDING):
            continue
        if (length < 4 and name[0] in SURNAMES and not _PLACE.search(name)) or (name[:2] in COMPOUND and length > 2):
            return begin
        if _TITLE.search(name) and name[0] in SURNAMES:
            return begin
    return end


_BUILDING = frozenset("找给号楼室栋幢层座户元组村队店厂库柜站园苑城厦院校区镇乡道路街巷弄里口门旁)")
