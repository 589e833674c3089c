"""s6: s6-svscan, an s6-supervise for each service, an s6-log for each that logs."""

import os
import subprocess

from .base import LOG_FILES, LOG_SIZE, Supervisor

MAXIMUM_SERVICES = 1000


class S6(Supervisor):
    name = "s6"
    program = "s6-svscan"

    def declare(self, services):
        for service in services:
            self.write(f"scan/{service.name}/run", service.shebang, 0o755)
            if service.has_log:
                self.write(f"scan/{service.name}/log/run", f"#!/bin/sh\nexec s6-log n{LOG_FILES} s{LOG_SIZE} T ./main\n", 0o755)

    def command(self):
        return ["s6-svscan", "-c", str(MAXIMUM_SERVICES), "scan"]

    def ask_to_stop(self):
        subprocess.run(["s6-svscanctl", "-t", "scan"], cwd=self.folder, check=False, timeout=10)

    def log_file(self, service):
        return os.path.join(self.folder, "scan", service.name, "log", "main", "current")

    def parents(self):
        return self.tree()
