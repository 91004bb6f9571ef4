"""The `menpai keys` command: make, list, rotate and retire keys.

It never prints a key. Only `retire` needs the database.
"""

import argparse
import os
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from menpai import environment, rules
from menpai.keys import file as key_file
from menpai.keys.file import Key, Keys

EPILOG = """\
menpai keys                    生成密钥文件，或补上缺少的种类 · create the file, or add missing kinds
menpai keys list               各密钥的编号、用途和时间 · ids, purposes and ages
menpai keys rotate KIND|all    换新密钥，到时自动启用 · add a key that is used after a delay (--in 15m)
menpai keys retire [KIND|all]  删除已无人需要的旧密钥 · remove former keys that are no longer needed
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class, parser.epilog = argparse.RawDescriptionHelpFormatter, EPILOG
    parser.add_argument("action", nargs="?", default="make", choices=("make", "list", "rotate", "retire"))
    parser.add_argument("kind", nargs="?", choices=(*key_file.KINDS, "all"))
    parser.add_argument("--in", dest="lead", type=_span, default=rules.KEY_LEAD, metavar="15m", help="rotate")
    parser.add_argument("--force", action="store_true", help="retire: even a key that is still needed (it leaked)")


def run(options: argparse.Namespace) -> int:
    """Carries out the parsed command line and returns the exit code."""
    folder = Path(environment.text("MENPAI_DATA_DIR", "var"))
    # Not from settings.py, which creates the file by itself in development.
    path = Path(environment.text("MENPAI_KEYS_FILE", str(folder / "keys.json"))).absolute()
    try:
        if options.action == "make":
            return _make(path)
        if options.action == "list":
            return _list(key_file.read(path))
        if options.action == "rotate":
            return _rotate(path, options)
        return _retire(path, options)
    except key_file.KeysFileError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"{path}: {error.strerror}", file=sys.stderr)
    return 1


def _make(path: Path) -> int:
    if key_file.create(path):
        print(f"{path}\n请妥善保管，并复制到每台主机。\nKeep it safe and copy it to every host.")
        return 0
    added = key_file.add_missing_kinds(path)
    if added:
        print(
            f"{path}: + {', '.join(added)}\n已补上，请在启动新版本之前复制到每台主机。\n"
            "Added. Copy it to every host before the new version starts there."
        )
        return 0
    print(f"{path} 已存在，未改动。\n{path} is there already; nothing was changed.", file=sys.stderr)
    return 1


def _list(keys: Keys) -> int:
    now = datetime.now(UTC)
    for kind, of_kind in keys.items():
        print(f"{kind}: {key_file.KINDS[kind]}")
        current = key_file.current_index(of_kind, now)
        for index, key in enumerate(of_kind):
            print(f"  {key.id}  {_age(key, now):>6}  {_state(key, index, current)}")
    missing = [kind for kind in key_file.KINDS if kind not in keys]
    if missing:
        print(f"缺少 · missing: {', '.join(missing)}  (menpai keys)", file=sys.stderr)
    return 1 if missing else 0


def _age(key: Key, now: datetime) -> str:
    if key.made is None:
        return "?"
    age = now - key.made
    return f"{age.days} d" if age.days else f"{age.seconds // 60} min"


def _state(key: Key, index: int, current: int) -> str:
    if index < current and key.since is not None:
        return f"启用于 · used from {key.since.astimezone():%Y-%m-%d %H:%M:%S}"
    if index == current:
        return "在用 · in use"
    return "旧，仍可验证 · old, still verifies" if key.secret else "旧，仅存公钥 · old, its public half alone"


def _rotate(path: Path, options: argparse.Namespace) -> int:
    if options.kind is None:
        print(f"rotate {'|'.join(key_file.KINDS)}|all", file=sys.stderr)
        return 2
    since = key_file.rotate(path, _kinds(options.kind), options.lead).astimezone()
    print(
        f"{path}\n新密钥将于 {since:%Y-%m-%d %H:%M:%S} 启用；请在此之前复制到每台主机。进程会自行读取，无需重启。\n"
        f"The new keys are used from {since:%Y-%m-%d %H:%M:%S} on; copy the file to every host before that. "
        "Running processes read it by themselves."
    )
    return 0


def _retire(path: Path, options: argparse.Namespace) -> int:
    os.environ.setdefault("MENPAI_MODE", "tool")
    import django

    django.setup()
    from menpai.keys import rotation

    kinds = _kinds(options.kind or "all")
    keys = {kind: former for kind, former in key_file.read(path).items() if kind in kinds}
    former = list(rotation.former_keys(keys, datetime.now(UTC)))
    kept = [] if options.force else [item for item in former if item.needed]
    reduced = [item for item in former if item not in kept and item.published and not options.force]
    removed = [item for item in former if item not in kept and item not in reduced]
    key_file.remove(path, [item.key.id for item in removed])
    key_file.keep_public_half(path, [item.key.id for item in reduced])
    for item in removed:
        print(f"{item.kind} {item.key.id}: 已删除 · removed")
    for item in reduced:
        print(f"{item.kind} {item.key.id}: 私钥已删除，公钥继续公布 · removed; its public half stays {item.published}")
    for item in kept:
        print(f"{item.kind} {item.key.id}: 仍需保留 · stays: {item.needed}", file=sys.stderr)
    if not former:
        print("没有旧密钥 · there is no old key")
    return 1 if kept else 0


def _kinds(choice: str) -> list[str]:
    return list(key_file.KINDS) if choice == "all" else [choice]


def _span(text: str) -> timedelta:
    match = re.fullmatch(r"([0-9]{1,6})([smhd])", "0s" if text == "0" else text)
    if not match:
        raise argparse.ArgumentTypeError("write a duration such as 0, 90s, 15m or 2h")
    return timedelta(**{rules.UNITS[match[2]]: int(match[1])})
