"""supervisord: one process, which also writes the logs."""

import os
import resource

from .base import GRACE, LOG_FILES, LOG_SIZE, Supervisor

HEAD = """[supervisord]
nodaemon=true
logfile=supervisord.log
pidfile=supervisord.pid
minfds={descriptors}
"""
# It refuses to start where it may not have so many; 500 services take 2000.
DESCRIPTORS = 8192


class Supervisord(Supervisor):
    name = "supervisord"
    program = "supervisord"

    def declare(self, services):
        _, allowed = resource.getrlimit(resource.RLIMIT_NOFILE)
        descriptors = DESCRIPTORS if allowed == resource.RLIM_INFINITY else min(DESCRIPTORS, allowed)
        sections = [HEAD.format(descriptors=descriptors)]
        for service in services:
            sections.append(
                f"[program:{service.name}]\ncommand={service.program} {service.word}\nautorestart=true\n"
                f"stopwaitsecs={GRACE}\nstopasgroup=true\nkillasgroup=true\nredirect_stderr=true\n"
                f"stdout_logfile={self.log_file(service)}\nstdout_logfile_maxbytes={LOG_SIZE}\nstdout_logfile_backups={LOG_FILES}\n")
        self.write("logs/.keep", "")
        self.write("supervisord.conf", "\n".join(sections))

    def command(self):
        return ["supervisord", "-c", "supervisord.conf"]

    def log_file(self, service):
        return os.path.join(self.folder, "logs", f"{service.name}.log")
