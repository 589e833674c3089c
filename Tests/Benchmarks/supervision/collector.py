"""Hears from each service when its first instruction ran."""

import select
import socket
import time
from dataclasses import dataclass


@dataclass
class Announcement:
    time: int  # CLOCK_MONOTONIC, nanoseconds: the clock of time.monotonic_ns()
    pid: int
    name: str


class Collector:
    def __init__(self, path):
        self.path = path
        # The latest of each service.
        self.latest = {}
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(path)

    def receive(self, until):
        """The next announcement; None when the monotonic time `until`, in seconds, comes first."""
        while True:
            rest = until - time.monotonic()
            if not select.select([self._socket], [], [], max(0, rest))[0]:
                return None
            words = self._socket.recv(4096).decode(errors="replace").split()
            # Supervisors may say things here too: it is their NOTIFY_SOCKET.
            if len(words) != 3 or not words[0].isdigit():
                continue
            announcement = Announcement(int(words[0]), int(words[1]), words[2])
            self.latest[announcement.name] = announcement
            return announcement

    def wait_for(self, names, limit):
        """Returns whether all of `names` have been heard of within `limit` seconds."""
        missing = set(names) - self.latest.keys()
        until = time.monotonic() + limit
        while missing:
            announcement = self.receive(until)
            if announcement is None:
                return False
            missing.discard(announcement.name)
        return True

    def listen(self, seconds):
        """Goes on hearing, so that nobody waits for room in the socket."""
        until = time.monotonic() + seconds
        while self.receive(until):
            pass

    def listen_until_quiet(self, seconds, limit):
        """Until nothing has been heard for `seconds`, or `limit` is over."""
        end = time.monotonic() + limit
        while self.receive(min(end, time.monotonic() + seconds)):
            pass

    def close(self):
        self._socket.close()
