"""Pasted addresses: parses a second, the slowest texts there are, and what loading the parser costs.

Run as a module it measures itself, and prints JSON.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from statistics import median

from bench import place
from bench.load import percentile
from bench.place import Place
from bench.table import Line

TEXTS = place.ROOT / "tests" / "addresses" / "texts"
LONGEST = 1000
# Texts that would be slow with a rule that looks back, or with one that looks at all pairs.
SLOW = (
    *("1 ", "ab ", "1", "13", "省", "：", "a:", "<a", "-", " ", "，", "·", "*x", "(", "()", "[1234]", "😀", "\n- "),
    *(
        "张三 ",
        "名 ",
        "家 ",
        "村",
        "1号路",
        "收货人：",
        "麻烦寄到",
        "我的地址是",
        "给我",
        "谢谢",
        "地址",
        "转1",
        "&nbsp;",
    ),
    *("+86 ", "+1", "13800138000 ", "0571-8800088", "138****8000 ", "11010119900307803X ", "zhejiang ", "xi an ", "ﷺ"),
    *("城区", "朝阳", "巴州", "鼓楼区", "吉林省吉林市", "浙江省杭州市余杭区", "江苏省 南京市 鼓楼", "浙江省杭洲市"),
    *("重庆市县", "浙江省 织里镇 ", "(何军收)", "广东省、", "：(浙省8人", "0市人杭 浙3文+杭区\n"),
)
Measured = dict[str, float]


def pasted(here: Place) -> Iterator[Line]:
    """Measures in a process on the core that is measured."""
    with place.on_core(place.MEASURED):
        process = subprocess.run(
            [sys.executable, "-m", "bench.pasted"],
            cwd=place.ROOT,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "menpai.settings"},
            stdout=subprocess.PIPE,
            check=True,
        )
    found: Measured = json.loads(process.stdout)
    rate, slowest, worst = found["rate"], found["p99"], found["worst"]
    yield Line(
        "parse a pasted address",
        f"{rate:,.0f}/s, p99 {slowest:.1f} ms",
        target="≥ 2,000/s, p99 ≤ 2 ms",
        met=rate >= 2000 and slowest <= 2,
    )
    yield Line("…the slowest 1,000 characters", f"{worst:.1f} ms", target="≤ 20 ms", met=worst <= 20)
    loaded = f"{found['load']:.0f} ms, {found['memory']:.0f} MiB"
    is_small = found["load"] <= 100 and found["memory"] <= 25
    yield Line("…loading the parser", loaded, target="≤ 100 ms, ≤ 25 MiB", met=is_small)


def _measure() -> Measured:
    from menpai.addresses import parsing, regions

    regions.current()
    before, begin = _memory(), time.process_time()
    parsing.parse("张敏 13800138000 浙江省杭州市余杭区文一西路969号")
    load, memory = time.process_time() - begin, _memory() - before
    lines = [line for path in sorted(TEXTS.glob("*.tsv")) for line in path.read_text("utf-8").splitlines()]
    texts = [line.split("\t")[0].replace(r"\n", "\n") for line in lines]
    times = [_seconds(parsing.parse, text) for _ in range(5) for text in texts]
    worst = max(median(_seconds(parsing.parse, (text * LONGEST)[:LONGEST]) for _ in range(5)) for text in SLOW)
    return {
        "rate": len(times) / sum(times),
        "p99": percentile(times, 99) * 1000,
        "worst": worst * 1000,
        "load": load * 1000,
        "memory": memory,
    }


def _seconds(parse: Callable[[str], object], text: str) -> float:
    begin = time.process_time()
    parse(text)
    return time.process_time() - begin


def _memory() -> float:
    """Resident, in MiB."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


RUN = {"pasted": pasted}

if __name__ == "__main__":
    print(json.dumps(_measure()))
