"""S13: no development page answers through a proxy, not even one that says nothing of itself."""

import socket

import httpx
import pytest

from tests.customers import a_mobile
from tests.rig.children import until
from tests.rig.service import Service
from tests.test_command import menpai

SHOP = "https://account.shop.example"
PAGES = ("/dev/mailbox", "/dev/mailbox.json")


@pytest.fixture(scope="module")
def published(service):
    """`menpai run` behind a proxy: what a bare proxy_pass forwards looks like a request from this machine."""
    found = service("run", MENPAI_PUBLIC_URL=SHOP)
    yield found
    found.stop()


def consent(site: Service) -> str:
    answer = httpx.post(f"{site.url}/api/social/weibo/authorization", json={"purpose": "sign-in"})
    return answer.json().get("url", "") or answer.json()["code"]


def test_no_development_page_answers_where_the_public_url_is_elsewhere(published):
    assert httpx.get(f"{published.url}/user/sms/{a_mobile()}/").status_code == 200
    back = f"{SHOP}/social/weibo/callback"
    asked = {"provider": "weibo", "redirect_uri": back, "state": "x"}
    for path in (*PAGES, "/dev/consent"):
        answer = httpx.get(f"{published.url}{path}", params=asked)
        assert answer.status_code == 404, path
    assert consent(published) == "provider_unknown"  # nobody is played either
    assert '"mailbox": false' in httpx.get(f"{published.url}/login").text


def test_the_start_says_that_there_is_no_mailbox(published):
    until(lambda: "Ctrl-C" in published.log(), 10, "the greeting")
    assert "没有开发信箱" in published.log() and "No mailbox" in published.log()
    assert "/dev/mailbox" not in published.log()


def test_the_start_says_in_words_who_can_read_it(service):
    site = service("run")
    until(lambda: "Ctrl-C" in site.log(), 10, "the greeting")
    assert f"{site.url}/dev/mailbox" in site.log()
    assert "能访问此端口的人都能读到其中的验证码" in site.log()
    assert "Anybody who can reach this port can read every code there" in site.log()
    assert httpx.get(f"{site.url}/dev/mailbox").status_code == 200
    address, request = ("127.0.0.1", site.port), b"GET %s HTTP/1.0\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n"
    for path in PAGES:  # as nginx forwards by default
        with socket.create_connection(address, 5) as proxy:
            proxy.sendall(request % (path.encode(), site.port))
            assert proxy.makefile("rb").readline().split()[1] == b"404"
    site.stop()


@pytest.mark.parametrize("command", ["web", "worker"])
def test_production_does_not_start_with_a_mailbox_and_a_public_url_elsewhere(command):
    done = menpai(command, MENPAI_DEV_MAILBOX="1", MENPAI_PUBLIC_URL=SHOP, MENPAI_SECRET_KEY="k3" * 20 + "abcdefgh")
    assert done.returncode == 1
    assert "menpai.E013" in done.stderr and "MENPAI_PUBLIC_URL" in done.stderr


def test_a_trial_on_this_machine_starts_and_is_told_the_same():
    done = menpai("check", "--deploy", MENPAI_DEV_MAILBOX="1", MENPAI_PUBLIC_URL="http://localhost:8000")
    assert "menpai.W013" in done.stderr and "anybody who can reach this port" in done.stderr


@pytest.mark.parametrize("url", ["http://192.168.1.5:8000", "http://localhost.shop.example", "http://127.0.0.1.nip.io"])
def test_what_only_looks_like_this_machine_is_another(http, settings, url):
    settings.MENPAI_PUBLIC_URL = url
    assert [http.get(path).status_code for path in PAGES] == [404, 404]
    settings.MENPAI_PUBLIC_URL = "http://[::1]:8000"
    assert [http.get(path).status_code for path in PAGES] == [200, 200]
