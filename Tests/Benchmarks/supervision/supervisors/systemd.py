"""systemd, where it runs already: the system's manager for root, the user's own for others.

Nothing is installed or enabled: the units lie under /run for the time of a session. The manager is not ours to kill."""

import os
import subprocess

from .base import GRACE, Supervisor

PREFIX = "signalbox-bench"
# Of one systemctl: 500 units take their time to stop.
COMMAND_LIMIT = 120


class Systemd(Supervisor):
    name = "systemd"
    is_killable = False

    @classmethod
    def absence(cls):
        if os.geteuid() == 0:
            return None if os.path.isdir("/run/systemd/system") else "systemd is not this machine's init"
        return None if os.path.exists(f"{_runtime()}/systemd/private") else "no systemd manager runs for this user"

    def declare(self, services):
        # Before the clock runs; for the others, reading what is declared is part of the start.
        self._units = [f"{PREFIX}.target"] + [f"{PREFIX}-{service.name}.service" for service in services]
        self._add(self._units[0], f"[Unit]\nWants={' '.join(self._units[1:])}\n")
        for unit, service in zip(self._units[1:], services):
            self._add(
                unit,
                f"[Unit]\nStartLimitIntervalSec=0\nPartOf={PREFIX}.target\n[Service]\nExecStart={service.program} {service.word}\n"
                f"Restart=always\nRestartSec=0\nTimeoutStopSec={GRACE}\n")
        self._control("daemon-reload")

    def command(self):
        return [*_systemctl(), "start", "--no-block", f"{PREFIX}.target"]

    @property
    def is_running(self):
        # `systemctl start` has nothing more to do after it has asked.
        return self._process.poll() in (None, 0)

    @property
    def root(self):
        return 1 if os.geteuid() == 0 else int(self._control("show", "--property=MainPID", f"user@{os.getuid()}.service", user=False).split("=")[1])

    def tree(self):
        return [self.root]

    def stop(self):
        # By their names: for the target's sake alone, systemctl would not wait for the services.
        self._control("stop", f"{PREFIX}*")
        return True

    def finish(self):
        try:
            self._control("stop", f"{PREFIX}*")
        finally:
            for unit in self._units:
                os.remove(os.path.join(_folder(), unit))
            self._control("daemon-reload")
            self._control("reset-failed", f"{PREFIX}*")

    def _add(self, unit, text):
        os.makedirs(_folder(), exist_ok=True)
        with open(os.path.join(_folder(), unit), "w") as file:
            file.write(text)

    def _control(self, *words, user=True):
        command = _systemctl() if user else ["systemctl"]
        return subprocess.run([*command, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=COMMAND_LIMIT).stdout


def _systemctl():
    return ["systemctl"] if os.geteuid() == 0 else ["systemctl", "--user"]


def _runtime():
    return os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}")


def _folder():
    return "/run/systemd/system" if os.geteuid() == 0 else f"{_runtime()}/systemd/user"
