"""Child processes that never outlive their parent, and the check of a free port.

Imports nothing heavy.

A child is a plain fork of a process that has neither threads nor Django yet, which is fast and safe.
"""

import contextlib
import ctypes
import errno
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1  # prctl(2)


class PortInUse(Exception):
    """The port is in use, or cannot be listened on; the text says which."""


def fork(work: Callable[[], int | None]) -> int:
    """Runs `work` in a child that ends with this process, even if this is killed, and returns its id."""
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        # A group of its own: Ctrl-C reaches the parent only, and the parent stops its children in order.
        os.setpgid(0, 0)
        end_with_parent(parent)
        code = work() or 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except KeyboardInterrupt:
        code = 130
    except BaseException:  # noqa: BLE001  (nothing of the parent's may run in the child)
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def end_with_parent(parent: int, by: signal.Signals = signal.SIGTERM) -> None:
    """Makes the calling child receive the signal `by` once `parent` has ended, for whatever reason."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, by)
    else:
        threading.Thread(target=_watch, args=(parent, by), name="watch-parent", daemon=True).start()
    if os.getppid() != parent:  # gone before we asked
        os._exit(1)


def _watch(parent: int, by: signal.Signals) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), by)


def exit_code_of(child: int) -> int:
    """Waits for a child and returns its exit code, negative if a signal ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class ChildProcesses:
    """The children of a process; when one ends, all are stopped."""

    def __init__(self) -> None:
        self._living: set[int] = set()
        self._whole = True

    def add(self, work: Callable[[], int | None]) -> None:
        self._living.add(fork(work))

    def is_whole(self) -> bool:
        """Returns False once a child has ended."""
        ended = {child for child in self._living if os.waitpid(child, os.WNOHANG)[0]}
        self._living -= ended
        self._whole = self._whole and not ended
        return self._whole

    def stop(self, within: float) -> None:
        """Terminates the children, and kills those that have not ended `within` so many seconds."""
        deadline = time.monotonic() + within
        self.is_whole()
        for child in self._living:
            os.kill(child, signal.SIGTERM)
        while self._living and time.monotonic() < deadline:
            self.is_whole()
            time.sleep(0.01)
        for child in self._living:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


class Signals:
    """Ctrl-C, SIGTERM, SIGHUP and the end of a child, read in order instead of interrupting."""

    def __init__(self) -> None:
        self._reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, lambda *_: None)

    def wait(self, seconds: float | None = None) -> bool:
        """Waits for a signal or the time-out, and returns True if the process is to end."""
        if not select.select([self._reader], [], [], seconds)[0]:
            return False
        return any(number != signal.SIGCHLD for number in os.read(self._reader, 64))


def free_address(host: str, port: int, variable: str = "MENPAI_PORT") -> str:
    """Returns the numeric address of `host` if `port` is free there. Raises PortInUse.

    The check does without SO_REUSEPORT, which the web workers use: two services could share a port unnoticed.
    """
    try:
        if not 0 < port < 65536:  # otherwise the system silently takes another one
            raise OverflowError("1–65535")
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, OverflowError) as error:
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        reason = ("端口已被占用", "the port is in use") if taken else ("无法监听", f"cannot listen there ({error})")
        raise PortInUse(
            f"{host}:{port} {reason[0]}。请停止占用它的程序，或用 {variable} 换一个端口。\n"
            f"{host}:{port}: {reason[1]}. Stop what uses it, or choose another port with {variable}."
        ) from error
    return str(address[0])


def is_listening(address: str, port: int) -> bool:
    """Returns True if the port accepts connections."""
    with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=1):
        return True
    return False
