"""A TCP proxy on loopback, for what networks do to connections."""

import contextlib
import socket
import threading
import time
from typing import Self

from tests.rig.children import until


class Proxy:
    """`delay` holds every piece back so many seconds; `flows.clear()` stalls all; `cut()` ends what is connected."""

    def __init__(self, target: int) -> None:
        self.delay, self.flows, self._target = 0.0, threading.Event(), target
        self._ends: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._acceptor = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self.flows.set()
        self._acceptor.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._listener:
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
            self._acceptor.join(5)
        self.flows.set()
        self.cut()
        until(lambda: not self._ends, 5, "every connection has ended")

    def cut(self) -> None:
        for end in list(self._ends):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listener was shut down
            while near := self._listener.accept()[0]:
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._target)) as far:
            self._ends |= {near, far}
            (back := threading.Thread(target=self._pump, args=(far, near), daemon=True)).start()
            self._pump(near, far)
            back.join()
            self._ends -= {near, far}

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):  # an end is gone
            while piece := source.recv(65536):
                time.sleep(self.delay)
                self.flows.wait()
                sink.sendall(piece)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
