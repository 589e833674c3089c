"""The C floor: waitpid, fork and exec, and nothing else. No peer; a reference."""

from .base import Supervisor


class Floor(Supervisor):
    name = "C floor"

    def declare(self, services):
        self._count = len(services)

    def command(self):
        return [self.tools.floor, str(self._count), self.tools.service, self.collector.path]
