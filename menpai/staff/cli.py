"""The `menpai staff` command: the second factor of a member of staff, from the shell."""

import argparse
import os
import sys
from typing import Any

EPILOG = """\
menpai staff enrol NAME         打印一次性链接，用来绑定第一部手机 · print a one-time link to enrol a first phone
menpai staff reset-factor NAME  手机丢失：删除两步验证和备用码 · the phone is lost: delete the factor and its codes
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class, parser.epilog = argparse.RawDescriptionHelpFormatter, EPILOG
    parser.add_argument("action", choices=("enrol", "reset-factor"))
    parser.add_argument("name", metavar="NAME")


def run(options: argparse.Namespace) -> int:
    """Carries out the parsed command line and returns the exit code."""
    os.environ.setdefault("MENPAI_MODE", "tool")
    import django

    django.setup()
    from django.contrib.auth.models import User

    user = User.objects.filter(username=options.name, is_active=True, is_staff=True).first()
    if user is None:
        return _fail(f"没有员工 {options.name}。\nThere is no member of staff called {options.name}.")
    return _enrol(user) if options.action == "enrol" else _reset(user)


def _enrol(user: Any) -> int:
    from menpai import audit, rules
    from menpai.audit import events
    from menpai.staff import second_factor

    if second_factor.find(user.pk):
        return _fail(
            f"{user.username} 已绑定手机。丢失时先执行：menpai staff reset-factor {user.username}\n"
            f"{user.username} has a phone. If it is lost, first: menpai staff reset-factor {user.username}"
        )
    link = second_factor.new_link(user)
    audit.record(events.ADMIN_ACTION, what="enrolment_link", id=str(user.pk))
    minutes = int(rules.STAFF_ENROLMENT_LIFE.total_seconds() // 60)
    print(
        f"{link}\n{minutes} 分钟内有效，只能用一次；打开后还要输入密码。\n"
        f"Valid for {minutes} minutes, once; the password is asked for as well."
    )
    return 0


def _reset(user: Any) -> int:
    from django.db import transaction

    from menpai import audit
    from menpai.audit import events
    from menpai.staff import second_factor

    with transaction.atomic():
        second_factor.delete(user.pk)
        audit.record(events.ADMIN_ACTION, what="reset_factor", id=str(user.pk))
    print(
        f"已删除 {user.username} 的两步验证，其登录都已结束。重新绑定：menpai staff enrol {user.username}\n"
        f"{user.username} has no second factor any more, and is signed out. To enrol again: "
        f"menpai staff enrol {user.username}"
    )
    return 0


def _fail(text: str) -> int:
    print(text, file=sys.stderr)
    return 1
