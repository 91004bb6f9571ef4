"""What each provider is set up with: MENPAI_<PROVIDER>_<NAME>, with its default. docs/configuration.md"""

from urllib.parse import urlsplit

from django.conf import settings

from menpai import environment

NAMES: dict[str, dict[str, str]] = {
    "weibo": {
        "CLIENT_ID": "",
        "CLIENT_SECRET": "",
        "REDIRECT_URI": "",
        "BASE_URL": "https://api.weibo.com",
    },
    "wechat": {
        "APP_ID": "",
        "SECRET": "",
        "MP_APP_ID": "",
        "MP_SECRET": "",
        "REDIRECT_URI": "",
        "PAGE_URL": "https://open.weixin.qq.com",
        "BASE_URL": "https://api.weixin.qq.com",
    },
    "qq": {
        "APP_ID": "",
        "APP_KEY": "",
        "REDIRECT_URI": "",
        "BASE_URL": "https://graph.qq.com",
    },
    "alipay": {
        "APP_ID": "",
        "PRIVATE_KEY": "",
        "PUBLIC_KEY": "",
        "REDIRECT_URI": "",
        "PAGE_URL": "https://openauth.alipay.com",
        "BASE_URL": "https://openapi.alipay.com",
    },
}
ALL = {f"MENPAI_{provider.upper()}_{name}" for provider, names in NAMES.items() for name in names}
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def setting(provider: str, name: str) -> str:
    found = environment.text(f"MENPAI_{provider.upper()}_{name}", NAMES[provider][name])
    return found.rstrip("/") if name.endswith("_URL") else found


def redirect_uri(provider: str) -> str:
    """Where the provider sends people back to: our own page, unless the operator has another."""
    return setting(provider, "REDIRECT_URI") or f"{settings.MENPAI_PUBLIC_URL}/social/{provider}/callback"


def problems(provider: str, *needed: str) -> list[str]:
    """Which of these are not set, and which addresses would send secrets in clear."""
    named = f"MENPAI_{provider.upper()}_"
    found = [f"{named}{name} is not set" for name in needed if not setting(provider, name)]
    for name in (name for name in NAMES[provider] if name.endswith("_URL")):
        parts = urlsplit(setting(provider, name))
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            found.append(f"{named}{name} must begin with https://")
    return found
