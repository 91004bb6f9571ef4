"""Figures as a picture, by matplotlib from the extra `charts`.

Without a Chinese font its text is English.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from menpai.reports.figures import Figures

# Those that systems bring along: Linux, macOS, Windows.
_CHINESE_FONTS = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "Source Han Sans CN", "WenQuanYi Micro Hei"),
    *("WenQuanYi Zen Hei", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "SimHei"),
)
_ZH = {
    "delivered": "已送达",
    "accepted": "已接收，未回执",
    "unknown": "结果未知",
    "failed": "失败",
    "messages": "条数",
    "cost": "费用（元）",
    "verified": "柱上数字：每个被使用的验证码花费",
}
_EN = {
    "delivered": "delivered",
    "accepted": "accepted, no receipt",
    "unknown": "unknown",
    "failed": "failed",
    "messages": "messages",
    "cost": "cost (yuan)",
    "verified": "above each bar: yuan for each code that was used",
}
_COLORS = {"delivered": "#1b6e3c", "accepted": "#4a9d6c", "unknown": "#b36b00", "failed": "#b3261e"}


def available() -> bool:
    return find_spec("matplotlib") is not None


def chinese_font() -> str:
    """Returns the name of an installed Chinese font, or an empty string."""
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in _CHINESE_FONTS if name in installed), "")


def draw(parts: Sequence[Figures], title: str, to: Path, font: str) -> None:
    """Writes a PNG. `font` is the result of `chinese_font`."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({"font.family": [font, "DejaVu Sans"] if font else ["DejaVu Sans"]}):
        figure = Figure(figsize=(10, 4.2), dpi=144, layout="constrained")
        left, right = figure.subplots(1, 2)
        figure.suptitle(title)
        words = _ZH if font else _EN
        _messages(left, parts, words)
        _money(right, parts, words)
        figure.savefig(to, format="png")


def _messages(axes: Any, parts: Sequence[Figures], words: dict[str, str]) -> None:
    names, below = [part.of for part in parts], [0] * len(parts)
    for state, color in _COLORS.items():
        heights = [_height(part, state) for part in parts]
        axes.bar(names, heights, bottom=below, color=color, label=words[state], width=0.6)
        below = [part + height for part, height in zip(below, heights, strict=True)]
    axes.set_ylabel(words["messages"])
    axes.legend(frameon=False, fontsize="small")
    _plain(axes)


def _money(axes: Any, parts: Sequence[Figures], words: dict[str, str]) -> None:
    bars = axes.bar([part.of for part in parts], [part.cost / 10**6 for part in parts], color="#0b57a4", width=0.6)
    each = ["–" if part.cost_per_verified is None else f"{part.cost_per_verified / 10**6:.3f}" for part in parts]
    axes.bar_label(bars, each, padding=2, fontsize="small")
    axes.margins(y=0.1)
    axes.set_ylabel(words["cost"])
    axes.set_title(words["verified"], fontsize="small", loc="left", color="#555555")
    _plain(axes)


def _height(part: Figures, state: str) -> int:
    """`accepted` alone: what is in none of the other parts of the bar."""
    waiting = part.sent - part.delivered - part.failed - part.unknown
    return waiting if state == "accepted" else int(getattr(part, state))


def _plain(axes: Any) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(axis="x", rotation=30)
