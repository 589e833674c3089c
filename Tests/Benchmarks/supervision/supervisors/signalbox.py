"""Signalbox as systemd runs it: `signalbox up` with a NOTIFY_SOCKET becomes the keeper."""

import json
import os

from common import processes

from .base import GRACE, Supervisor


class Signalbox(Supervisor):
    name = "signalbox"

    def declare(self, services):
        lines = ["name: bench", "admin: { listen: \"unix:admin.sock\" }", "services:"]
        for service in services:
            lines += [
                f"  {service.name}:",
                f"    command: {json.dumps(f'{service.program} {service.word}')}",
                # A life of a second is a healthy one here, as it is for the peers; each restart is then a first one.
                "    restart: { limit: { restarts: 1000, within: 1s } }",
                f"    stop: {{ grace: {GRACE}s }}",
            ]
            if service.has_probe:
                lines.append("    readiness: { http: /health, period: 1s }")
        self.write("topology.yaml", "\n".join(lines) + "\n")

    def command(self):
        return [self.tools.signalbox, "up", "--file", "topology.yaml", "--state-dir", os.path.join(self.folder, "state")]

    def environment(self):
        return {"NOTIFY_SOCKET": self.collector.path}

    def log_file(self, service):
        return os.path.join(self.folder, "state", "logs", f"{service.name}.1.log")

    def label(self, pid):
        return "supervisor" if "supervise" in processes.arguments(pid) else "keeper"

    def deciders(self):
        return [pid for pid in self.tree() if self.label(pid) == "supervisor"]

    def finish(self):
        # In order, because a killed keeper's cgroups stay.
        self.stop()
