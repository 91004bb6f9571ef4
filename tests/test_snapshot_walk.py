"""The order service that docs/snapshots.md shows, run as a shop would run it."""

import subprocess
import sys

import httpx
import pytest

from tests.customers import somebody
from tests.rig.service import Service
from tests.snapshots import PAGE, snippet

pytestmark = pytest.mark.once("the walk is made in development, where everything is embedded")
PROGRAM = "python order_service.py"


def test_an_order_service_takes_keeps_and_verifies_a_snapshot(tmp_path):
    for name, text in (("verify_snapshot.py", snippet("python")), ("order_service.py", snippet(PROGRAM))):
        (tmp_path / name).write_text(text, encoding="utf-8")

    def order_service(*arguments):
        command = [sys.executable, "order_service.py", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout or done.stderr.splitlines()[-1:]

    with (
        Service("run", {"MENPAI_DATA_DIR": str(tmp_path / "var")}) as menpai,
        httpx.Client(base_url=menpai.url) as http,
    ):
        person = somebody(http)
        (address,) = person.add_address()
        for _ in range(2):  # the second time as after a lost answer
            assert order_service(menpai.url, "confirm", "A-1", person.token) == (0, [])
        person.delete(f"{person.book}/{address['id']}")
        code, words = order_service(menpai.url, "confirm", "A-2", person.token)
        assert (code, words) == (1, ["urllib.error.HTTPError: HTTP Error 404: Not Found"])
    assert order_service(menpai.url, "check", "A-1") == (0, "小王 北京市东城区珠市口大街2楼\n")
    code, words = order_service("https://evil.example", "check", "A-1")
    assert code == 1 and words[0].startswith("ValueError: issued elsewhere")


def test_both_pages_show_the_same_order_service():
    assert snippet(PROGRAM) in PAGE.with_suffix(".zh.md").read_text(encoding="utf-8")
