"""circus, from PyPI: Debian 12 has no package of it."""

import os

from .base import GRACE, Supervisor

HEAD = """[circus]
endpoint = ipc://endpoint
pubsub_endpoint = ipc://pubsub
check_delay = 0.1
warmup_delay = 0
"""


class Circus(Supervisor):
    name = "circus"
    program = "circusd"

    def declare(self, services):
        sections = [HEAD]
        for service in services:
            section = (
                f"[watcher:{service.name}]\ncmd = {service.program}\nargs = {service.word}\ngraceful_timeout = {GRACE}\n"
                "warmup_delay = 0\nstop_children = True\nmax_retry = -1\n")
            if service.has_log:
                section += f"stdout_stream.class = FileStream\nstdout_stream.filename = {self.log_file(service)}\n"
            sections.append(section)
        self.write("circus.ini", "\n".join(sections))

    def command(self):
        return ["circusd", "circus.ini"]

    def log_file(self, service):
        return os.path.join(self.folder, f"{service.name}.log")
