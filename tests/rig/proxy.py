"""A TCP proxy on loopback, for what networks do to connections."""

import contextlib
import socket
import struct
import threading
import time
from typing import Self

from tests.rig.children import until


class Proxy:
    """`delay` holds every piece back so many seconds; `piece` small and `delay` make a slow drip; `flows.clear()`
    stalls all, as a peer does that is gone without a word; `cut()` ends what is connected, `cut(reset=True)` with RST.
    """

    def __init__(self, target: int) -> None:
        self.delay, self.piece, self.flows, self._target = 0.0, 65536, threading.Event(), target
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

    def note(self, source: socket.socket, sink: socket.socket) -> None:
        """A piece is about to pass."""

    def cut(self, *, reset: bool = False) -> None:
        for end in list(self._ends):
            with contextlib.suppress(OSError):
                if reset:
                    # To linger for no time is to end with RST; the pumps then close what is shut down here.
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RD if reset else socket.SHUT_RDWR)

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
            while received := source.recv(65536):
                # Cut now: while this waited, the proxy may have begun to drip.
                while piece := received[: self.piece]:
                    time.sleep(self.delay)
                    self.flows.wait()
                    self.note(source, sink)
                    sink.sendall(piece)
                    received = received[len(piece) :]
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


class CountingProxy(Proxy):
    """Counts round trips: how often a client begins to send to whom the server had answered, or nothing was sent yet.

    No driver is asked: what travels is counted, whoever sent it.
    """

    def __init__(self, target: int) -> None:
        super().__init__(target)
        self.trips, self._waiting = 0, set[socket.socket]()

    def note(self, source: socket.socket, sink: socket.socket) -> None:
        if source.getsockname()[1] != self.port:
            self._waiting.discard(sink)
        elif source not in self._waiting:
            self._waiting.add(source)
            self.trips += 1
