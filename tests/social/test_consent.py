"""The page of the providers that development plays: there where the development mailbox is, and nowhere else."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from menpai import errors
from menpai.social import providers
from menpai.social.providers import locmem
from tests.api.clients import ok, refused

PROVIDERS = ("weibo", "wechat", "qq", "alipay")


def page_for(visitor, provider="weibo"):
    url = urlsplit(ok(visitor.post(f"/social/{provider}/authorization", purpose="sign-in"))["url"])
    assert url.netloc == "127.0.0.1:8000"
    return f"{url.path}?{url.query}"


def choices(http, path):
    answer = http.get(path)
    assert answer.status_code == 200
    return [unescape(link) for link in re.findall(r'<p><a href="([^"]+)"', answer.text)]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_it_sends_back_whoever_is_chosen(http, visitor, provider):
    links = choices(http, page_for(visitor, provider))
    names = []
    for number, link in enumerate(links[:3]):
        if number:
            link = choices(http, page_for(visitor, provider))[number]
        assert link.startswith(f"{providers.redirect_uri(provider)}?")
        query = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
        code = query["auth_code" if provider == "alipay" else "code"]
        answer = visitor.post(f"/social/{provider}/callback", code=code, state=query["state"], session="cookie")
        names.append(ok(answer)["nickname"])
    assert names == ["小王", "小李", "新朋友"]


def test_whoever_refuses_comes_back_with_an_error(http, visitor):
    assert "error=access_denied" in choices(http, page_for(visitor))[-1]


def test_it_runs_nothing_and_loads_nothing_from_elsewhere(http, visitor):
    answer = http.get(page_for(visitor).replace("state=", "state=%22%3E%3Cscript%3E"))
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text


def test_it_leads_to_the_address_of_that_provider_alone(http, visitor):
    path = page_for(visitor)
    for elsewhere in ("https%3A%2F%2Fevil.example", "", "http%3A%2F%2F127.0.0.1%3A8000%2Fsocial%2Fqq%2Fcallback"):
        assert http.get(re.sub("redirect_uri=[^&]*", f"redirect_uri={elsewhere}", path)).status_code == 404
    assert http.get(path.replace("weibo", "baidu")).status_code == 404


@pytest.mark.parametrize(("name", "value"), [("PRODUCTION", True), ("MENPAI_DEV_MAILBOX", False)])
def test_in_production_nobody_is_played(http, visitor, settings, name, value):
    path = page_for(visitor)
    setattr(settings, name, value)
    assert http.get(path).status_code == 404
    refused(visitor.post("/social/weibo/authorization", purpose="sign-in"), 404, "provider_unknown")


def test_a_provider_that_is_set_up_is_not_played(http, visitor, monkeypatch):
    path = page_for(visitor)
    monkeypatch.setenv("MENPAI_WEIBO_CLIENT_ID", "1234567890")
    monkeypatch.setenv("MENPAI_WEIBO_CLIENT_SECRET", "0f1e2d3c4b5a69788796a5b4c3d2e1f0")
    assert http.get(path).status_code == 404


def test_codes_are_good_once_for_one_provider_and_one_address(monkeypatch):
    weibo, back = locmem.StandIn("weibo"), providers.redirect_uri("weibo")
    code = locmem.grant("wang", "weibo", back)
    assert weibo.exchange(code, back).openid == "wang"
    with pytest.raises(errors.SocialRefused):
        weibo.exchange(code, back)
    for provider, address in ((locmem.StandIn("qq"), back), (weibo, "http://127.0.0.1:8000/elsewhere")):
        with pytest.raises(errors.SocialRefused):
            provider.exchange(locmem.grant("wang", "weibo", back), address)
    monkeypatch.setattr(locmem, "MOST", 2)
    first, *_ = [locmem.grant("wang", "weibo", back) for _ in range(3)]
    with pytest.raises(errors.SocialRefused):
        weibo.exchange(first, back)
