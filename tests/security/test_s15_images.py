"""S15: what compose.yaml starts has a password, no capabilities, and nothing to write to but its volumes."""

import contextlib
import re
import subprocess
from pathlib import Path

import pytest
import redis
import yaml

from tests.rig.children import free_port, until
from tests.rig.redis import _program

ROOT = Path(__file__).parents[2]
SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]

pytestmark = pytest.mark.without_database


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_each_service_is_hardened(service):
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"] and "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"] and not service.get("privileged")
    assert "/tmp" in service["tmpfs"]
    assert service.get("user") in ("postgres", "redis") or service["image"] == "menpai"
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_our_image_runs_as_a_user_without_rights():
    *_, last = re.findall(r"^USER (.*)$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert last.isdigit() and int(last) > 0


@pytest.mark.parametrize("name", ["web", "worker"])
def test_no_address_is_without_a_password(name):
    addresses = {key: value for key, value in SERVICES[name]["environment"].items() if "://" in value}
    passwords = {key: re.search(r"://\w*:\$\{(\w+):\?\}@", value) for key, value in addresses.items()}
    assert {key: found and found[1] for key, found in passwords.items()} == {  # `:?` does not start without it
        "MENPAI_DATABASE_URL": "POSTGRES_PASSWORD",
        "MENPAI_REDIS_URL": "REDIS_PASSWORD",
        "MENPAI_BROKER_URL": "REDIS_PASSWORD",
    }


def test_its_redis_answers_nobody_without_the_password(tmp_path):
    port, (shell, option, script) = free_port(), SERVICES["redis"]["command"]
    script = script.replace("redis-server -", f"{_program()} - --port {port} --bind 127.0.0.1 --dir {tmp_path}")
    environment = {"PATH": "/usr/bin:/bin", "REDISCLI_AUTH": "s3cretS3cret"}
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(
            subprocess.Popen([shell, option, script.replace("$$", "$")], env=environment, stdout=subprocess.DEVNULL)
        )
        stack.callback(server.kill)
        known = stack.enter_context(redis.Redis(port=port, password="s3cretS3cret"))
        stranger = stack.enter_context(redis.Redis(port=port))

        def is_up() -> bool:
            with contextlib.suppress(redis.ConnectionError):
                return bool(known.ping())
            return False

        until(is_up, 20, "Redis answers")
        with pytest.raises(redis.AuthenticationError):
            stranger.ping()
        assert "s3cret" not in Path(f"/proc/{server.pid}/cmdline").read_text(encoding="utf-8")
        assert known.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
