"""A TCP proxy that can halt (no byte passes, connections stay) and reset (connections are torn, new ones too)."""

import selectors
import socket
import struct
import threading

CHUNK = 1 << 16
# Bytes that wait for a side that does not take them; beyond it nothing more is read from the other.
LIMIT = 1 << 20


class Proxy:
    def __init__(self, name, target):
        self.name = name
        self.target = target
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._selector.register(self._wake_in, selectors.EVENT_READ)
        self._sides = {}
        self._is_halted = False
        self._is_refusing = False
        self._orders = []
        self._lock = threading.Lock()
        self._is_open = True
        self._thread = threading.Thread(target=self._run, name=f"proxy {name}", daemon=True)
        self._thread.start()

    def halt(self):
        self._order("halt")

    def reset(self):
        """Every connection is torn, and each new one as well, until `resume`."""
        self._order("reset")

    def resume(self):
        self._order("resume")

    def close(self):
        self._order("close")
        self._thread.join(5)

    def _order(self, word):
        with self._lock:
            self._orders.append(word)
        self._wake_out.send(b"x")

    def _run(self):
        while self._is_open:
            for key, events in self._selector.select():
                if key.fileobj is self._wake_in:
                    self._take_orders()
                elif key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj in self._sides:
                    self._serve(key.fileobj, events)
        for side in list(self._sides):
            self._drop(side)
        self._listener.close()

    def _take_orders(self):
        self._wake_in.recv(4096)
        with self._lock:
            orders, self._orders = self._orders, []
        for word in orders:
            if word == "close":
                self._is_open = False
            elif word == "halt":
                self._is_halted = True
            elif word == "reset":
                self._is_refusing = True
                for side in list(self._sides):
                    if side in self._sides:
                        self._drop(side)
            elif word == "resume":
                self._is_halted = self._is_refusing = False
        for side in list(self._sides):
            self._watch(side)

    def _accept(self):
        try:
            client, _ = self._listener.accept()
        except OSError:
            return
        if self._is_refusing:
            return self._tear(client)
        try:
            server = socket.create_connection(self.target, timeout=1)
        except OSError:
            return self._tear(client)
        for side in (client, server):
            side.setblocking(False)
            side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sides[client] = Side(server)
        self._sides[server] = Side(client)
        for side in (client, server):
            self._selector.register(side, selectors.EVENT_READ)
            self._watch(side)

    def _serve(self, side, events):
        state = self._sides[side]
        try:
            if events & selectors.EVENT_WRITE and state.waiting:
                sent = side.send(state.waiting)
                del state.waiting[:sent]
            if events & selectors.EVENT_READ:
                data = side.recv(CHUNK)
                if not data:
                    return self._drop(side)
                self._sides[state.other].waiting += data
        except BlockingIOError:
            pass
        except OSError:
            return self._drop(side)
        self._watch(side)
        self._watch(state.other)

    def _watch(self, side):
        state = self._sides.get(side)
        if state is None:
            return
        events = 0
        if not self._is_halted:
            if len(self._sides[state.other].waiting) < LIMIT:
                events |= selectors.EVENT_READ
            if state.waiting:
                events |= selectors.EVENT_WRITE
        registered = side in self._selector.get_map()
        if events and registered:
            self._selector.modify(side, events)
        elif events:
            self._selector.register(side, events)
        elif registered:
            self._selector.unregister(side)

    def _drop(self, side):
        other = self._sides[side].other
        for end in (side, other):
            self._sides.pop(end, None)
            if end in self._selector.get_map():
                self._selector.unregister(end)
            self._tear(end)

    @staticmethod
    def _tear(end):
        # With a linger of nothing a close is a reset.
        try:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass
        end.close()


class Side:
    def __init__(self, other):
        self.other = other
        self.waiting = bytearray()
