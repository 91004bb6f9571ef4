"""The readings of names: toneless syllables of the short name, as people type them."""

import re

from pypinyin import Style, lazy_pinyin, load_phrases_dict, load_single_dict

from regions import sources

GROUPS = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔|鄂温克|"
    "仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|塔吉克|怒|普米|保安|裕固|独龙|鄂伦春|各"
)
AUTONOMOUS = re.compile(rf"^(.{{2,}}?)(?:(?:{GROUPS})族?)*(?:自治[州县旗区])$")
SUFFIX = re.compile(r"(?<=..)(?:特别行政区|地区|新区|林区|特区|街道|[省市盟区县旗州镇乡])$")


def load() -> None:
    """Teaches the dictionary the names that it reads wrongly."""
    readings = sources.table("readings")
    load_single_dict({ord(name): reading for name, reading in readings if len(name) == 1})
    phrases = {name: reading.split() for name, reading in readings if len(name) > 1}
    load_phrases_dict({name: [[syllable] for syllable in syllables] for name, syllables in phrases.items()})


def short(name: str) -> str:
    """杭州市 → 杭州, 恩施土家族苗族自治州 → 恩施, 东区 → 东区."""
    match = AUTONOMOUS.match(name)
    return match[1] if match else SUFFIX.sub("", name)


def of(name: str) -> str:
    """杭州市 → `hang zhou`."""
    syllables = lazy_pinyin(short(name), style=Style.NORMAL, v_to_u=False)
    return " ".join(syllables).replace("ve", "ue")  # 略 is typed lue, 吕 is typed lv
