"""500 services: how long until they are up, and what the supervision weighs then."""

from common import processes
from common.figure import Figure

from ..service import services
from ..supervisors.circus import Circus
from ..supervisors.floor import Floor
from ..supervisors.runit import Runit
from ..supervisors.s6 import S6
from ..supervisors.signalbox import Signalbox
from ..supervisors.supervisord import Supervisord
from ..supervisors.systemd import Systemd

CONTESTANTS = [Signalbox, Runit, S6, Supervisord, Systemd, Circus, Floor]
SERVICES = 500
# What only a start needs has been given back by then.
SETTLING = 5.0


def figures():
    return [
        Figure("start_500", "500 services up", "s", 3, digits=2),
        Figure("memory_500", "memory (PSS), 500 services", "MiB", 50),
    ]


def run(bench, kind):
    with bench.contest(kind) as supervisor:
        seconds = bench.start(supervisor, services(bench, SERVICES))
        bench.collector.listen(SETTLING)
        tree = supervisor.tree()
        return {"start_500": seconds, "memory_500": processes.pss_mib(tree)}, {"processes": len(tree)}
