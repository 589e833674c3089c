"""What each supervisor can be asked."""

import os
import shutil
import signal
import subprocess
import time

from common import processes

# Before the rest is killed; well above the grace that services are given.
STOP_LIMIT = 30.0
GRACE = 2
# Log files: one to write to and four others, of 16 MiB each. Signalbox's own default.
LOG_SIZE = 16 << 20
LOG_FILES = 4
# Lines.
LAST_WORDS = 3


class Supervisor:
    name = ""
    # What must be in PATH; none for what is made here.
    program = ""
    is_killable = True

    def __init__(self, tools, folder, collector):
        self.tools = tools
        self.folder = folder
        self.collector = collector
        self.began = 0
        self._process = None
        self._output = os.path.join(folder, "supervisor.out")

    # What differs.

    @classmethod
    def absence(cls):
        """Why it cannot be measured here; None if it can."""
        return None if not cls.program or shutil.which(cls.program) else f"{cls.program} is not installed"

    def declare(self, services):
        raise NotImplementedError

    def command(self):
        raise NotImplementedError

    def environment(self):
        return {}

    def ask_to_stop(self):
        os.kill(self.root, signal.SIGTERM)

    def log_file(self, service):
        raise NotImplementedError

    def label(self, pid):
        """What a process of the supervision is called in the raw figures."""
        return os.path.basename(processes.executable(pid))

    def deciders(self):
        """The process that knows what is to run."""
        return [self.root]

    def parents(self):
        """The processes that the services are children of, with those that would start them again."""
        return [self.root]

    def finish(self):
        """When a session is over. What is left afterwards is killed, which is enough for most."""

    # What is the same.

    @property
    def root(self):
        return self._process.pid

    @property
    def is_running(self):
        return self._process.poll() is None

    def last_words(self):
        with open(self._output, errors="replace") as file:
            return " / ".join(file.read().splitlines()[-LAST_WORDS:])

    def start(self, services):
        """Returns at once; `began` is the moment before."""
        self.declare(services)
        self.start_again()

    def start_again(self):
        with open(self._output, "ab") as output:
            self.began = time.monotonic_ns()
            self._process = subprocess.Popen(
                self.command(), cwd=self.folder, env={**os.environ, **self.environment()}, stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, start_new_session=True)

    def tree(self):
        """The supervision's own processes: all but the services."""
        own = {self.tools.service, self.tools.unruly}
        pids = [self.root, *processes.descendants(self.root)]
        return [pid for pid in pids if processes.executable(pid) not in own]

    def kill(self, pids):
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        if self.root in pids:
            self._process.wait()

    def stop(self):
        """Gracefully.

        Returns whether the supervision ended by itself."""
        if self._process is None or not self.is_running:
            return True
        tree = self.tree()
        self.ask_to_stop()
        until = time.monotonic() + STOP_LIMIT
        while time.monotonic() < until:
            self._process.poll()
            processes.reap(keeping=[self.root])
            if not any(map(processes.is_alive, tree)):
                return True
            self.collector.listen(0.02)
        return False

    def write(self, path, text, mode=0o644):
        path = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)
