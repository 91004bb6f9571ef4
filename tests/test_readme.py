"""The README's walk, run as a newcomer runs it, with curl and with a stand-in of ours for machines that have none."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rig.service import Service

pytestmark = pytest.mark.once("the walk is made in development, where everything is embedded")

ROOT = Path(__file__).parent.parent
ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh.md"
BLOCK = re.compile(r"^```sh walk\n(.*?)^```\n(?:```text answer\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
# Exactly the options that the README uses; curl itself is no prerequisite.
STAND_IN = f"""#!{sys.executable}
import sys, urllib.request
given, data, headers, url = sys.argv[1:], [], {{}}, ""
while given:
    one = given.pop(0)
    if one == "-d":
        data.append(given.pop(0))
    elif one == "-H":
        name, _, value = given.pop(0).partition(": ")
        headers[name] = value
    elif one != "-s":
        assert not one.startswith("-") and not url, one
        url = one
request = urllib.request.Request(url, "&".join(data).encode() if data else None, headers)
try:
    answer = urllib.request.urlopen(request)
except urllib.error.HTTPError as no:
    answer = no
sys.stdout.buffer.write(answer.read())
"""


def walk(readme: Path) -> list[tuple[str, str]]:
    """(commands, the answers that are shown below them), from top to bottom."""
    return BLOCK.findall(readme.read_text(encoding="utf-8"))


@pytest.mark.parametrize("tool", ["stand-in", *(["curl"] if shutil.which("curl") else [])])
def test_the_readmes_walk_answers_what_it_shows(tool, tmp_path):
    path = os.environ["PATH"]
    if tool == "stand-in":
        (tmp_path / "curl").write_text(STAND_IN, encoding="utf-8")
        (tmp_path / "curl").chmod(0o755)
        path = f"{tmp_path}{os.pathsep}{path}"
    steps = walk(ENGLISH)
    with Service("run", {"MENPAI_DATA_DIR": str(tmp_path / "var")}) as menpai:
        script = "\nprintf '\\f'\n".join(commands for commands, _ in steps)
        script = script.replace("http://127.0.0.1:8000", menpai.url)
        done = subprocess.run(
            ["sh", "-eu", "-c", script],
            env={**os.environ, "PATH": path, "no_proxy": "*"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, ""), (done.stdout, done.stderr, menpai.log())
    for (commands, shown), said in zip(steps, done.stdout.split("\f"), strict=True):
        parts = shown.strip().replace("http://127.0.0.1:8000", menpai.url).split("…")
        assert re.fullmatch(".*?".join(map(re.escape, parts)), said.strip()), (commands, shown, said)


def test_both_languages_walk_the_same_way():
    assert walk(ENGLISH) == walk(CHINESE)
    assert len(walk(ENGLISH)) >= 8


@pytest.mark.parametrize("readme", [ENGLISH, CHINESE], ids=lambda path: path.name)
def test_the_readme_names_the_two_commands_and_they_are_there(readme):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for command in ("run", "test"):
        assert f"```sh\nmake {command}\n```" in readme.read_text(encoding="utf-8")
        assert re.search(rf"^{command}:", makefile, re.MULTILINE)
