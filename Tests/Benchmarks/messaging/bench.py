"""The ground that sessions run on: tools, a broker for the loops, and what they print."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass

from common.runner import SessionFailure

from .broker import Broker

LIMIT = 180
WARM_UP = 10_000


@dataclass
class Tools:
    signalbox: str
    # Our side of the loops.
    driver: str
    # The folder of the C programs.
    programs: str
    # Of the virtual environment with the peers from PyPI.
    python: str


class Bench:
    def __init__(self, tools, folder):
        self.tools = tools
        self.folder = folder
        self._broker = None
        self._number = 0

    @property
    def broker(self):
        """The loops' broker, started when it is asked for first, and not cold."""
        if not self._broker:
            self._broker = self.make_broker()
            self._broker.declare("warm-up")
            self.run(self._broker, [self.program("publish"), "warm-up", str(WARM_UP), "256", "1024"])
            self._broker.delete("warm-up")
        return self._broker

    def make_broker(self):
        broker = Broker(self.make_folder())
        broker.start()
        return broker

    def make_folder(self):
        self._number += 1
        folder = os.path.join(self.folder, str(self._number))
        os.makedirs(folder)
        return folder

    def stop_broker(self):
        """So that what does not need it has the machine for itself."""
        if self._broker:
            self._broker.stop()
        self._broker = None

    def program(self, name):
        return os.path.join(self.tools.programs, name)

    def run(self, broker, command):
        """What a loop tells about itself."""
        environment = {**os.environ, **broker.environment}
        try:
            finished = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LIMIT)
        except subprocess.TimeoutExpired as late:
            raise SessionFailure(f"{os.path.basename(command[0])} {command[1]} took more than {LIMIT} s") from late
        if finished.returncode != 0 or not finished.stdout:
            raise SessionFailure(f"{' '.join(command)}: status {finished.returncode}: {finished.stderr.strip()[-200:]}")
        return json.loads(finished.stdout)

    def close(self):
        self.stop_broker()
        shutil.rmtree(self.folder, ignore_errors=True)
