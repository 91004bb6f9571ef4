"""The `menpai` command. Light on purpose: what is heavy is imported by the process that needs it."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial

from menpai.process import children

COMMANDS = {
    "run": "开发运行，一切内置 · development: everything embedded, one process tree",
    "web": "生产：网站 · production: the web server",
    "worker": "生产：发送短信和邮件 · production: sends what the web server was asked to send",
    "keys": "生成、查看、更换密钥 · make, list, rotate and retire keys (MENPAI_KEYS_FILE)",
    "sweep": "清理过期数据 · delete what is over",
}
DJANGO = {
    "migrate": "建立或更新数据库 · create or update the database",
    "createsuperuser": "新建员工账号 · a new staff account for /admin/",
    "changepassword": "修改员工密码 · a new password for a staff account",
    "check": "检查配置（--deploy：按生产要求） · check the configuration (--deploy: as production does)",
    "import customers": "导入其他系统的顾客 · customers of another system, from CSV or JSON lines",
    "audit": "审计记录：检查、导出 · the audit trail: verify, export",
    "sms": "短信费用与到达率、没收到的原因、回执地址 · SMS: report, timeline, receipts",
    "help": "其余 Django 命令 · every other Django command",
}


def main(argv: Sequence[str] | None = None) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "menpai.settings")
    return _in_words(partial(_do, list(sys.argv[1:] if argv is None else argv)))


def _in_words(work: Callable[[], int]) -> int:
    """A setting that cannot be read, or a port that is taken, is told without a traceback."""
    try:
        return work()
    except children.PortTaken as no:
        print(no, file=sys.stderr)
    except (ValueError, RuntimeError) as no:
        # BadSetting, BadRule or KeysFileError. They cannot be named here: importing their modules may raise them.
        if type(no).__module__ not in ("menpai.rules", "menpai.environment", "menpai.keys.file"):
            raise
        print(no, file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


def _do(arguments: list[str]) -> int:
    if arguments[:2] == ["import", "customers"]:
        return _django(["import_customers", *arguments[2:]])
    if arguments and not arguments[0].startswith("-") and arguments[0] not in COMMANDS:
        return _django(arguments)
    options = _parser(arguments).parse_args(arguments or ["--help"])
    for name in ("host", "port"):
        if getattr(options, name, None) is not None:
            os.environ[f"MENPAI_{name.upper()}"] = str(getattr(options, name))
    if options.command == "keys":
        from menpai.keys import cli

        return cli.run(options)
    return OWN[options.command]()


def _parser(asked: Sequence[str]) -> argparse.ArgumentParser:
    width = max(map(len, [*COMMANDS, *DJANGO])) + 2
    lines = "\n".join(f"  {name:{width}}{text}" for name, text in {**COMMANDS, **DJANGO}.items())
    parser = argparse.ArgumentParser(
        "menpai",
        usage="menpai COMMAND [OPTIONS]",
        description="门牌 · the customer account centre",
        epilog=f"commands:\n{lines}\n\n配置 · configuration: docs/configuration.md",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", help=argparse.SUPPRESS)
    for name, text in COMMANDS.items():
        one = commands.add_parser(name, description=text)
        if name == "keys" and "keys" in asked:
            from menpai.keys import cli

            cli.add_options(one)
        if name in ("run", "web"):
            one.add_argument("--host", help="MENPAI_HOST")
            one.add_argument("--port", type=int, help="MENPAI_PORT")
    return parser


# ── run ──
def run() -> int:
    """Development. This process: start, watch, stop, and send messages. Children: the web server (or also Celery)."""
    os.environ["MENPAI_MODE"] = "run"
    from menpai.process import run as process_run

    return process_run.run(_run_worker)


# ── web, worker ──
def web() -> int:
    os.environ["MENPAI_MODE"] = "web"
    from menpai import settings
    from menpai.process import web as process_web

    address = children.free_address(settings.MENPAI_HOST, settings.MENPAI_PORT)
    # The checks import all of Django: in a child, so that the master of the workers stays small and without threads.
    if children.exit_code_of(children.fork(partial(_may_start, "web"))):
        return 1
    workers = settings.MENPAI_WORKERS or os.cpu_count() or 1
    print(
        f"门牌网站正在启动 · web starts: {settings.MENPAI_HOST}:{settings.MENPAI_PORT}, {workers} × worker", flush=True
    )
    process_web.serve(address, settings.MENPAI_PORT, workers)
    return 0


def worker() -> int:
    # The checks look at the whole product, of which the worker itself then loads little.
    os.environ["MENPAI_MODE"] = "web"
    if children.exit_code_of(children.fork(partial(_in_words, partial(_may_start, "worker")))):
        return 1
    os.environ["MENPAI_MODE"] = "worker"
    print("门牌发送进程已启动 · worker is up", flush=True)
    return _run_worker()


def _run_worker() -> int:
    """Send messages until SIGTERM: by Celery with the relay beside it, or by the relay alone."""
    from menpai import settings

    if settings.MENPAI_BROKER_URL:
        from menpai import celery

        return celery.run_worker()
    import django

    django.setup()
    from menpai.worker import relay

    return relay.run_until_terminated()


def _may_start(command: str) -> int:
    """Print what the start-up checks find; 1 when the service must not start like this."""
    import django

    django.setup()
    from menpai.process import checks

    findings = checks.findings()
    for finding in findings:
        print(f"{finding.id}: {finding.msg} {finding.hint or ''}".rstrip(), file=sys.stderr)
    if any(finding.is_serious() for finding in findings):
        print(f"没有启动，请先处理以上问题。\n`menpai {command}` does not start like this.", file=sys.stderr)
        return 1
    return 0


# ── tools ──
def sweep() -> int:
    """Expire, blank and delete what is past its time. The worker does this by itself, every minute."""
    os.environ.setdefault("MENPAI_MODE", "tool")
    import django

    django.setup()
    from menpai.worker import retention

    print(f"{retention.sweep()} swept")
    return 0


def _django(arguments: list[str]) -> int:
    if arguments == ["check", "--deploy"]:
        # Ours: Django's own look for its SecurityMiddleware, which nothing here uses.
        os.environ["MENPAI_MODE"] = "web"
        return _may_start("web")
    os.environ.setdefault("MENPAI_MODE", "tool")
    from django.core.management import ManagementUtility

    ManagementUtility(["menpai", *arguments]).execute()
    return 0


OWN: dict[str, Callable[[], int]] = {"run": run, "web": web, "worker": worker, "sweep": sweep}

if __name__ == "__main__":
    sys.exit(main())
