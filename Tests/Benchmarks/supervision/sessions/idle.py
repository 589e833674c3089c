"""What supervision costs while nothing happens: 100 services, each asked for /health every second.

No peer here has probes; they are not compared."""

import time

from common import processes
from common.figure import Figure

from ..service import services
from ..supervisors.signalbox import Signalbox

CONTESTANTS = [Signalbox]
SERVICES = 100
SETTLING = 5.0
SECONDS = 30.0


def figures():
    return [Figure("idle_cpu", "idle cpu, 100 services, probes each second", "% of a core", 1, digits=2)]


def run(bench, kind):
    with bench.contest(kind) as supervisor:
        bench.start(supervisor, services(bench, SERVICES, mode="http"))
        bench.collector.listen(SETTLING)
        tree = supervisor.tree()
        before, begin = processes.cpu_seconds(tree), time.monotonic()
        bench.collector.listen(SECONDS)
        percent = 100 / (time.monotonic() - begin)
        used = processes.cpu_since(before, tree)
        by_process = {supervisor.label(pid): round(seconds * percent, 3) for pid, seconds in used.items()}
        return {"idle_cpu": sum(used.values()) * percent}, {"by_process": by_process}
