"""The shops that orders are placed at: Signalbox's, and the same flow in Python."""

import contextlib
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request

from common import processes
from common.runner import SessionFailure

from .broker import free_port

HERE = os.path.dirname(os.path.abspath(__file__))
START_LIMIT = 120
STOP_LIMIT = 30
LAST_WORDS = 400
QUEUES = {"inventory.orders", "payment.orders", "notification.orders", "order.events"}


class Shop:
    name = ""

    @staticmethod
    def absence():
        return None

    def __init__(self, bench, broker):
        self.bench = bench
        self.broker = broker
        self.folder = bench.make_folder()
        self.port = free_port()
        self._roots = []

    def start(self):
        raise NotImplementedError

    def cpu(self):
        """{pid: seconds} of the shop and its broker."""
        pids = [pid for root in self._roots for pid in (root.pid, *processes.descendants(root.pid))]
        return processes.cpu_seconds([*pids, *self.broker.pids()])

    @staticmethod
    def label(pid):
        """What a process is called in the raw figures."""
        name, arguments = os.path.basename(processes.executable(pid)), processes.arguments(pid)
        which = arguments[-1:] if name.startswith("python") else arguments[1:2] if name in ("shop", "signalbox") else []
        return " ".join([name, *which])

    def stop(self):
        for root in self._roots:
            root.send_signal(signal.SIGTERM)
        for root in self._roots:
            try:
                root.wait(STOP_LIMIT)
            except subprocess.TimeoutExpired:
                root.kill()
                root.wait()

    def spawn(self, command, **variables):
        with open(os.path.join(self.folder, "out"), "ab") as output:
            self._roots.append(subprocess.Popen(
                command, cwd=self.folder, env={**os.environ, **self.broker.environment, **variables}, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output))

    def wait_for(self, url):
        """Until it answers 2xx."""
        until = time.monotonic() + START_LIMIT
        while time.monotonic() < until and all(root.poll() is None for root in self._roots):
            with contextlib.suppress(OSError, urllib.error.URLError):
                with urllib.request.urlopen(url, timeout=2):
                    return
            time.sleep(0.2)
        with open(os.path.join(self.folder, "out"), errors="replace") as output:
            raise SessionFailure(f"{self.name} does not start: {output.read()[-LAST_WORDS:]}")


class Signalbox(Shop):
    """A gateway, four services, PostgreSQL with its usual durability, Redis."""

    name = "signalbox"

    def start(self):
        admin = free_port()
        with open(os.path.join(HERE, "topology.yaml")) as file:
            text = file.read()
        for word, value in {
            "USER": self.broker.environment["BUS_USER"], "PORT": self.broker.port, "MANAGEMENT": self.broker.management_port,
            "ADMIN": admin, "GATEWAY": self.port,
        }.items():
            text = text.replace(f"@{word}@", str(value))
        path = os.path.join(self.folder, "topology.yaml")
        with open(path, "w") as file:
            file.write(text)
        self.spawn([self.bench.tools.signalbox, "up", "--file", path, "--state-dir", os.path.join(self.folder, "state")])
        self.wait_for(f"http://127.0.0.1:{admin}/health/ready")


class Plain(Shop):
    """Flask-RESTX and pika, a connection for each message that is published."""

    name = "Flask + pika"
    mode = "plain"

    def start(self):
        mails = os.path.join(self.folder, "mails")
        os.makedirs(mails)
        for service in ("inventory", "payment", "notification", "order"):
            self.spawn(
                [self.bench.tools.python, "-B", os.path.join(HERE, "python", "service.py"), service],
                BUS_MODE=self.mode, MAIL_FOLDER=mails, PORT=str(self.port))
        self.wait_for(f"http://127.0.0.1:{self.port}/swagger.json")
        until = time.monotonic() + START_LIMIT
        while missing := QUEUES - self.broker.consumers():
            if time.monotonic() > until:
                raise SessionFailure(f"nobody consumes {', '.join(sorted(missing))}")
            time.sleep(0.2)


class Kept(Plain):
    """The same with a connection that each thread keeps."""

    name = "Flask + pika, kept"
    mode = "kept"
