"""The browser and system that a `User-Agent` names; empty if unknown."""

import re
from functools import lru_cache

# The first match wins: many browsers also name those that they imitate.
_BROWSERS = (
    ("微信", r"MicroMessenger"),
    ("支付宝", r"AlipayClient"),
    ("QQ", r"\bQQ/"),
    ("QQ 浏览器", r"QQBrowser"),
    ("华为浏览器", r"HuaweiBrowser"),
    ("小米浏览器", r"MiuiBrowser"),
    ("UC 浏览器", r"UCBrowser|UBrowser"),
    ("百度", r"baiduboxapp|BIDUBrowser"),
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser"),
    ("Firefox", r"Firefox/|FxiOS"),
    ("Chrome", r"Chrome/|CriOS"),
    ("Safari", r"Version/[\d.]+ .*Safari/"),
)
_SYSTEMS = (
    ("HarmonyOS", r"HarmonyOS|OpenHarmony"),
    ("iPad", r"iPad"),
    ("iPhone", r"iPhone"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("Linux", r"Linux|X11"),
)


def browser(user_agent: str) -> str:
    return _first(_BROWSERS, user_agent)


def system(user_agent: str) -> str:
    return _first(_SYSTEMS, user_agent)


@lru_cache(maxsize=1024)
def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, user_agent)), "")
