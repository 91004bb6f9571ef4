"""`make image`: builds the image and tries what compose.yaml starts from it, on a PostgreSQL and a Redis of our own.

With docker or podman where one answers, which keep the image as `menpai`; else with buildah as root, which needs no
service. Where no registry can be reached, `make image BASE=mmdebstrap` makes the base from Debian's packages and this
machine's authorities: with buildah, for nobody's own image of that name is replaced.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from tests.rig.children import free_port, until
from tests.rig.postgres import Postgres
from tests.rig.redis import Redis
from tests.rig.service import HERE, answers

BASE = "docker.io/library/python:3.13-slim"
PACKAGES = "python3,python3-venv,python-is-python3,ca-certificates"
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ABOVE_BASE, USER = 200, 10001  # MB
SERVICES = yaml.safe_load((HERE / "compose.yaml").read_text(encoding="utf-8"))["services"]
# A read-only root with what compose.yaml gives it: /tmp and the volume of the keys.
ISOLATE = """
mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && mount -t tmpfs tmpfs "$1/tmp" &&
mount --bind "$2" "$1/var/lib/menpai" && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" || exit 1
shift 2; exec chroot "$@"
"""


# What is in the image, seen from within.
LOOK = """
import json, pathlib
folders = ("/opt/menpai/bin", "/usr/bin", "/usr/local/bin")
programs = [path.name for folder in folders for path in pathlib.Path(folder).glob("*")]
strays = [str(path) for path in [*pathlib.Path("/opt/menpai").rglob("keys.json"), *pathlib.Path("/").glob("src")]]
print(json.dumps({"programs": programs, "strays": strays}))
"""


def run(*command: str | Path) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=_environment()).stdout.strip()


def _environment() -> dict[str, str]:
    return os.environ | {"STORAGE_DRIVER": "vfs", "CONTAINERS_CONF": os.devnull}


class Buildah:
    """Images in a folder of their own, which is deleted in the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.buildah = ("buildah", "--root", folder / "root", "--runroot", folder / "run")

    def build(self) -> None:
        pull = []
        if os.environ.get("BASE") == "mmdebstrap":
            self._make_base()
            pull = ["--pull-never"]
        run(*self.buildah, "bud", *pull, "--isolation", "chroot", "-t", "menpai", HERE)
        self.root = Path(run(*self.buildah, "mount", run(*self.buildah, "from", "--pull-never", "menpai")))
        self.volume = self.folder / "keys"
        self.volume.mkdir(mode=0o700)
        os.chown(self.volume, USER, USER)

    def _make_base(self) -> None:
        archive = self.folder / "base.tar"
        run("mmdebstrap", "--quiet", "--variant=minbase", f"--include={PACKAGES}", "trixie", archive)
        draft = run(*self.buildah, "from", "scratch")
        run(*self.buildah, "add", draft, archive, "/")
        run(*self.buildah, "copy", draft, AUTHORITIES, AUTHORITIES)
        environment = [f"PATH={PATH}", f"NODE_EXTRA_CA_CERTS={AUTHORITIES}"]
        run(*self.buildah, "config", *(part for one in environment for part in ("--env", one)), draft)
        run(*self.buildah, "commit", "--rm", draft, BASE)

    def above_base(self) -> float:
        sizes = [_size(Path(run(*self.buildah, "mount", run(*self.buildah, "from", BASE)))), _size(self.root)]
        return sizes[1] - sizes[0]

    def configuration(self) -> dict[str, Any]:
        return dict(json.loads(run(*self.buildah, "inspect", "--type", "image", "menpai"))["OCIv1"]["config"])

    def start(
        self, command: list[str], environment: dict[str, str], stdout: int | None = None
    ) -> subprocess.Popen[bytes]:
        own = dict(part.split("=", 1) for part in self.configuration()["Env"])
        user = f"--userspec={self.configuration()['User']}"
        arguments: list[str | Path] = [
            "unshare",
            "--mount",
            "sh",
            "-c",
            ISOLATE,
            "sh",
            self.root,
            self.volume,
            user,
            self.root,
        ]
        return subprocess.Popen([*arguments, *command], env=own | environment, stdout=stdout)

    def remove(self) -> None:
        for command in (["rm", "--all"], ["rmi", "--all", "--force"]):
            subprocess.run([*self.buildah, *command], check=False, stdout=subprocess.DEVNULL, env=_environment())


class Engine:
    """docker or podman: the image stays, the volume of the keys does not."""

    def __init__(self, program: str, folder: Path) -> None:
        self.program, self.volume = program, folder.name

    def build(self) -> None:
        run(self.program, "build", "-t", "menpai", HERE)

    def above_base(self) -> float:
        run(self.program, "pull", "--quiet", BASE)
        sizes = [int(self._inspect(name, "{{.Size}}")) for name in (BASE, "menpai")]
        return (sizes[1] - sizes[0]) / 1e6

    def configuration(self) -> dict[str, Any]:
        return dict(json.loads(self._inspect("menpai", "{{json .Config}}")))

    def _inspect(self, name: str, what: str) -> str:
        return run(self.program, "image", "inspect", "--format", what, name)

    def start(
        self, command: list[str], environment: dict[str, str], stdout: int | None = None
    ) -> subprocess.Popen[bytes]:
        isolation = ["--network=host", "--read-only", "--tmpfs=/tmp", f"--volume={self.volume}:/var/lib/menpai"]
        variables = [f"--env={name}={value}" for name, value in environment.items()]
        arguments = [self.program, "run", "--rm", *isolation, *variables, f"--entrypoint={command[0]}", "menpai"]
        return subprocess.Popen([*arguments, *command[1:]], stdout=stdout)

    def remove(self) -> None:
        subprocess.run([self.program, "volume", "rm", "--force", self.volume], check=False, stdout=subprocess.DEVNULL)


Image = Buildah | Engine


def _size(root: Path) -> float:
    return sum(path.lstat().st_size for path in root.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6


def image_in(folder: Path) -> Image | None:
    """Returns how this machine builds images; None where a program is missing, which is said."""
    is_base_made = os.environ.get("BASE") == "mmdebstrap"
    if not is_base_made and (program := next(filter(_answers, ("docker", "podman")), None)):
        return Engine(program, folder)
    needed = ["buildah", "unshare", *(["mmdebstrap"] if is_base_made else [])]
    if os.getuid() == 0 and all(map(shutil.which, needed)):
        return Buildah(folder)
    names = "buildah + mmdebstrap (root)" if is_base_made else "docker, podman, buildah (root)"
    print(f"没有 {names}，不能构建镜像。No {names} here: the image cannot be built.", file=sys.stderr)
    return None


def _answers(program: str) -> bool:
    """Whether it is there, and so is the service that it needs."""
    command = [program, "info"]
    return bool(shutil.which(program)) and subprocess.run(command, capture_output=True, check=False).returncode == 0


def try_services(image: Image) -> None:
    postgres, redis, port = Postgres(durable=False), Redis(), free_port()
    postgres.start()
    redis.start()
    try:
        environment = {
            "MENPAI_DATABASE_URL": postgres.create("menpai"),
            "MENPAI_REDIS_URL": redis.url(2),
            "MENPAI_BROKER_URL": redis.url(14),
            "MENPAI_TRUSTED_PROXIES": SERVICES["web"]["environment"]["MENPAI_TRUSTED_PROXIES"],
            "MENPAI_SECRET_KEY": "for tests only, as long as it has to be",
            "MENPAI_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "MENPAI_DEV_MAILBOX": "1",
            "MENPAI_PORT": str(port),
        }
        entry = image.configuration()["Entrypoint"]
        for command in ("keys", "migrate"):
            assert image.start([*entry, command], environment).wait(120) == 0, command
        began = time.monotonic()
        web = image.start([*entry, SERVICES["web"]["command"]], environment)
        check = [part.replace(":8000/", f":{port}/") for part in SERVICES["web"]["healthcheck"]["test"][1:]]
        until(lambda: answers(port, "/readyz"), 60, "web is ready")
        print(f"ready after {time.monotonic() - began:.1f} s")
        assert image.start(check, environment).wait(60) == 0, "the health check"
        worker = image.start([*entry, SERVICES["worker"]["command"]], environment)
        until(lambda: redis.client(14).dbsize(), 60, "the worker is at the broker")
        for name, process in {"web": web, "worker": worker}.items():
            assert process.poll() is None, name
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0, f"{name} ends cleanly"
    finally:
        redis.remove()
        postgres.remove()


def judge(image: Image) -> None:
    """What the image is: whose, how big, and what is not in it."""
    above = image.above_base()
    print(f"{above:.0f} MB above its base")
    assert above <= ABOVE_BASE
    configuration = image.configuration()
    assert configuration["User"] == str(USER)
    assert not [entry for entry in configuration["Env"] if "SECRET" in entry or "PASSWORD" in entry]
    looking = image.start(["python", "-c", LOOK], {}, stdout=subprocess.PIPE)
    found = json.loads(looking.communicate(timeout=60)[0])
    assert not {"gcc", "cc", "make", "node", "npm", "git"}.intersection(found["programs"])
    assert not found["strays"]


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="menpai-image-", dir="/var/tmp") as folder:
        if (image := image_in(Path(folder))) is None:
            return 1
        try:
            image.build()
            judge(image)
            try_services(image)
        except subprocess.CalledProcessError as error:
            print(f"failed: {error.cmd[:3]}. Without a registry of images: make image BASE=mmdebstrap", file=sys.stderr)
            return 1
        finally:
            image.remove()
    print("the image is good")
    return 0


if __name__ == "__main__":
    sys.exit(main())
