"""The static files of the staff admin: compressed, kept by browsers, and nothing else is served with them."""

import re

import httpx
import pytest
from django.test import Client

from menpai.pages import static_files
from tests.operators import text_of

FOR_EVER = "public, max-age=31536000, immutable"


def of_page(staff: Client) -> list[str]:
    """The files that a list asks for, and those that its styles ask for."""
    return re.findall(r'(?:src|href)="(/static/[^"]+)"', text_of(staff, "/admin/menpai/customer/"))


def test_every_file_of_a_list_is_kept_for_ever_and_text_is_compressed(staff: Client, http: httpx.Client) -> None:
    files = [url for url in of_page(staff) if url != "/static/menpai/plate.svg"]
    assert len(files) > 10 and all(re.match(r"/static/[0-9a-f]{12}/", url) for url in files), files
    for url in files:
        answer = http.get(url, headers={"accept-encoding": "br, gzip"})
        assert answer.status_code == 200, url
        assert answer.headers["cache-control"] == FOR_EVER
        assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "Accept-Encoding")
        assert answer.content == http.get(url, headers={"accept-encoding": "identity"}).content


def test_what_a_style_refers_to_has_the_same_hash(staff: Client, http: httpx.Client) -> None:
    styles = [url for url in of_page(staff) if url.endswith(".css")]
    referred = [
        str(httpx.URL(f"http://x{url}").join(reference).path)
        for url in styles
        for reference in re.findall(r"url\([\"']?([^\"')]+)", http.get(url).text)
        if not reference.startswith("data:")
    ]
    assert len(referred) >= 5
    for url in referred:
        answer = http.get(url)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=31536000, immutable"), (
            url
        )
        assert "content-encoding" not in answer.headers  # a font is compressed already


def test_the_hash_of_another_release_gets_the_file_and_may_not_keep_it(http: httpx.Client) -> None:
    answer = http.get("/static/0123456789ab/admin/js/core.js")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    "name",
    [
        "nothing.js",
        "admin",
        "admin/",
        "",
        "../settings.py",
        "menpai/../../settings.py",
        "/etc/passwd",
        "admin//js/core.js/",
    ],
)
def test_nothing_else_is_there(http: httpx.Client, name: str) -> None:
    for path in (
        f"/static/{static_files.version()}/{name}",
        f"/static/{static_files.version()}/{name.replace('/', '%2f')}",
    ):
        answer = http.get(path)
        assert answer.status_code in (404, 405) and "SECRET" not in answer.text, path


def test_files_are_read_and_never_written(http: httpx.Client) -> None:
    url = f"/static/{static_files.version()}/unfold/css/styles.css"
    assert http.head(url).status_code == 200
    assert [http.request(method, url).status_code for method in ("POST", "PUT", "DELETE")] == [405] * 3
