"""The `menpai` command. Heavy modules are imported only by the process that needs them."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial

from menpai.environment import logs
from menpai.process import children

COMMANDS = {
    "run": "开发运行，一切内置 · development: everything embedded, one process tree",
    "web": "生产：网站 · production: the web server",
    "worker": "生产：发送短信和邮件 · production: sends SMS and mail",
    "keys": "生成、查看、更换密钥 · create, list, rotate and retire keys (MENPAI_KEYS_FILE)",
    "staff": "员工的两步验证：绑定链接、手机丢失 · second factors of staff: enrol, reset-factor",
    "sweep": "清理过期数据 · delete expired data",
}
DJANGO = {
    "migrate": "建立或更新数据库 · create or update the database",
    "createsuperuser": "新建员工账号 · a new staff account for /admin/",
    "changepassword": "修改员工密码 · a new password for a staff account",
    "check": "检查配置（--deploy：按生产要求） · check the configuration (--deploy: as production does)",
    "import customers": "导入其他系统的顾客 · customers of another system, from CSV, .xlsx, .xls or JSON lines",
    "import addresses": "导入这些顾客的地址 · addresses of those customers",
    "snapshots": "验证订单中的地址快照 · verify the snapshot of an address that an order keeps",
    "regions": "行政区划：已变更的地址、更新 · regions of China: check addresses, update FILE",
    "audit": "审计记录：检查、导出 · the audit trail: verify, export",
    "sms": "短信费用与到达率、没收到的原因、回执地址 · SMS: report, timeline, receipts",
    "help": "其余 Django 命令 · every other Django command",
}


def main(argv: Sequence[str] | None = None) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "menpai.settings")
    logs.catch_uncaught()
    os.umask(0o077)  # the database, its log and the keys are for this user alone
    return _report_errors(partial(_dispatch, list(sys.argv[1:] if argv is None else argv)))


def _report_errors(work: Callable[[], int]) -> int:
    """Runs `work` and returns its exit code; prints a bad setting or a used port without a traceback."""
    try:
        return work()
    except children.PortInUse as error:
        logs.say(str(error), logging.ERROR)
    except (ValueError, RuntimeError) as error:
        # BadSetting, BadRule or KeysFileError. They cannot be caught by class: importing their modules may raise them.
        if type(error).__module__ not in ("menpai.rules", "menpai.environment", "menpai.keys.file"):
            raise
        logs.say(str(error), logging.ERROR)
    except KeyboardInterrupt:
        return 130
    return 1


def _dispatch(arguments: list[str]) -> int:
    if arguments[:1] == ["import"] and arguments[1:2] in (["customers"], ["addresses"]):
        return _django([f"import_{arguments[1]}", *arguments[2:]])
    if arguments and not arguments[0].startswith("-") and arguments[0] not in COMMANDS:
        return _django(arguments)
    options = _parser(arguments).parse_args(arguments or ["--help"])
    for name in ("host", "port"):
        if getattr(options, name, None) is not None:
            os.environ[f"MENPAI_{name.upper()}"] = str(getattr(options, name))
    if options.command == "keys":
        from menpai.keys import cli

        return cli.run(options)
    if options.command == "staff":
        from menpai.staff import cli as staff_cli

        return staff_cli.run(options)
    return FUNCTIONS[options.command]()


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
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
        command = commands.add_parser(name, description=text)
        if name == "keys" and "keys" in arguments:
            from menpai.keys import cli

            cli.add_options(command)
        if name == "staff" and "staff" in arguments:
            from menpai.staff import cli as staff_cli

            staff_cli.add_options(command)
        if name in ("run", "web"):
            command.add_argument("--host", help="MENPAI_HOST")
            command.add_argument("--port", type=int, help="MENPAI_PORT")
    return parser


# ── run ──
def run() -> int:
    """Runs development: this process supervises and sends messages, a child serves.

    Celery is another child.
    """
    os.environ["MENPAI_MODE"] = "run"
    from menpai.process import run as process_run

    return process_run.run(_run_worker)


# ── web, worker ──
def web() -> int:
    os.environ["MENPAI_MODE"] = "web"
    from menpai import settings
    from menpai.process import metrics
    from menpai.process import web as process_web

    address, metrics_address = children.free_address(settings.MENPAI_HOST, settings.MENPAI_PORT), metrics.free_address()
    workers = settings.MENPAI_WORKERS or os.cpu_count() or 1
    with metrics.beside(metrics_address, workers):  # a child that is smaller without what the checks import
        if _run_checks("web"):
            return 1
        place = f"{settings.MENPAI_HOST}:{settings.MENPAI_PORT}"
        logs.say(f"门牌网站正在启动 · web starts: {place}, {workers} × worker", logging.INFO)
        process_web.serve(address, settings.MENPAI_PORT, workers)
    return 0


def worker() -> int:
    # The checks need the whole product, of which the worker itself loads little.
    os.environ["MENPAI_MODE"] = "web"
    if children.exit_code_of(children.fork(partial(_report_errors, partial(_run_checks, "worker")))):
        return 1
    os.environ["MENPAI_MODE"] = "worker"
    from menpai.process import metrics

    if address := metrics.free_address():
        import django

        django.setup()
        metrics.start(address)
    logs.say("门牌发送进程已启动 · worker is up", logging.INFO)
    return _run_worker()


def _run_worker() -> int:
    """Sends messages until SIGTERM, by Celery with the relay beside it or by the relay alone."""
    from menpai import settings

    if settings.MENPAI_BROKER_URL:
        from menpai import celery

        return celery.run_worker()
    import django

    django.setup()
    from menpai.worker import relay

    return relay.run_until_terminated()


def _run_checks(command: str) -> int:
    """Prints the findings of the start-up checks and returns the exit code: 1 with an error."""
    import django

    django.setup()
    from menpai.process import checks

    findings = checks.findings()
    for finding in findings:
        logs.say(f"{finding.id}: {finding.msg} {finding.hint or ''}".rstrip(), finding.level)
    if any(finding.is_serious() for finding in findings):
        logs.say(f"没有启动，请先处理以上问题。\n`menpai {command}` does not start like this.", logging.ERROR)
        return 1
    return 0


# ── tools ──
def sweep() -> int:
    """Deletes and expires what is past its time. The worker does this by itself, every minute."""
    os.environ.setdefault("MENPAI_MODE", "tool")
    import django

    django.setup()
    from menpai.worker import retention

    print(f"{retention.sweep()} swept")
    return 0


def _django(arguments: list[str]) -> int:
    if arguments == ["check", "--deploy"]:
        # Not Django's deploy checks: they are about its SecurityMiddleware, which is not used.
        os.environ["MENPAI_MODE"] = "web"
        return _run_checks("web")
    os.environ.setdefault("MENPAI_MODE", "tool")
    from django.core.management import ManagementUtility

    ManagementUtility(["menpai", *arguments]).execute()
    return 0


FUNCTIONS: dict[str, Callable[[], int]] = {"run": run, "web": web, "worker": worker, "sweep": sweep}

if __name__ == "__main__":
    sys.exit(main())
