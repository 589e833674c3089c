"""The ground that sessions run on: folders, processes and their end."""

import contextlib
import os
import shutil
import time
from dataclasses import dataclass

from common import processes
from common.runner import SessionFailure

from .collector import Collector

# Between two looks at whether a supervisor that is starting still runs.
LOOK_EVERY = 1.0


@dataclass
class Tools:
    signalbox: str
    service: str
    floor: str
    unruly: str


class Bench:
    def __init__(self, tools, folder):
        self.tools = tools
        self.folder = folder
        self.collector = None
        self._number = 0

    @contextlib.contextmanager
    def contest(self, kind):
        """A supervisor of `kind` in a folder of its own; nothing of it is left afterwards."""
        self._number += 1
        folder = os.path.join(self.folder, str(self._number))
        os.makedirs(folder)
        self.collector = Collector(os.path.join(folder, "c"))
        supervisor = kind(self.tools, folder, self.collector)
        try:
            yield supervisor
        finally:
            try:
                supervisor.finish()
            finally:
                processes.sweep()
                self.collector.close()
                shutil.rmtree(folder, ignore_errors=True)

    def start(self, supervisor, services, limit=60):
        """Returns the seconds from the start command to the last service's first instruction."""
        supervisor.start(services)
        names = [service.name for service in services]
        until = time.monotonic() + limit
        while not self.collector.wait_for(names, LOOK_EVERY):
            if time.monotonic() > until or not supervisor.is_running:
                seen = f"{len(self.collector.latest)} of {len(names)} services came up"
                raise SessionFailure(f"{seen}; its last words: {supervisor.last_words() or 'none'}")
        return (max(latest.time for latest in self.collector.latest.values()) - supervisor.began) / 1e9

    def wait_until(self, condition, limit):
        until = time.monotonic() + limit
        while not condition():
            if time.monotonic() > until:
                return False
            self.collector.listen(0.01)
        return True
