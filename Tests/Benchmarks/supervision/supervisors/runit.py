"""runit: runsvdir, a runsv for each service, a svlogd for each that logs."""

import os
import signal

from .base import LOG_FILES, LOG_SIZE, Supervisor


class Runit(Supervisor):
    name = "runit"
    program = "runsvdir"

    def declare(self, services):
        for service in services:
            self.write(f"scan/{service.name}/run", service.shebang, 0o755)
            if service.has_log:
                self.write(f"scan/{service.name}/log/run", "#!/bin/sh\nexec svlogd -tt ./main\n", 0o755)
                self.write(f"scan/{service.name}/log/main/config", f"s{LOG_SIZE}\nn{LOG_FILES}\n")

    def command(self):
        return ["runsvdir", "scan"]

    def ask_to_stop(self):
        os.kill(self.root, signal.SIGHUP)

    def log_file(self, service):
        return os.path.join(self.folder, "scan", service.name, "log", "main", "current")

    def parents(self):
        return self.tree()
