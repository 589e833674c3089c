"""12 services: what the supervision weighs, and how many copies run after its kill -9 and its start anew.

Two deaths. Of the process that decides: `signalbox supervise`, runsvdir, s6-svscan, supervisord, circusd. And of those that the services are
children of: the keeper, every runsv, every s6-supervise; with supervisord and circus these are the same."""

from common import processes
from common.figure import Figure

from ..service import services
from ..supervisors.circus import Circus
from ..supervisors.runit import Runit
from ..supervisors.s6 import S6
from ..supervisors.signalbox import Signalbox
from ..supervisors.supervisord import Supervisord
from ..supervisors.systemd import Systemd

CONTESTANTS = [Signalbox, Runit, S6, Supervisord, Systemd, Circus]
SERVICES = 12
SETTLING = 1.0
# What only a start needs has been given back by then.
STARTED = 5.0
# What comes after a kill is over when nothing was started for so long,
QUIET = 2.5
# or at last after so long.
AFTERMATH = 15.0


def figures():
    return [
        Figure("memory_12", "memory (PSS), 12 services", "MiB", 30),
        Figure("copies_supervisor", "copies after kill -9 of the supervisor", "of 12", 12, sense="exactly", digits=0),
        Figure("copies_keeper", "copies after kill -9 of the services' parents", "of 12", 12, sense="exactly", digits=0),
    ]


def run(bench, kind):
    found, notes = {}, {}
    with bench.contest(kind) as supervisor:
        bench.start(supervisor, services(bench, SERVICES))
        bench.collector.listen(STARTED)
        found["memory_12"] = processes.pss_mib(supervisor.tree())
        if not supervisor.is_killable:
            return found, notes
        is_same = set(supervisor.deciders()) == set(supervisor.parents())
        found["copies_supervisor"], notes["supervisor"] = _copies(bench, supervisor, supervisor.deciders())
    if is_same:
        found["copies_keeper"] = found["copies_supervisor"]
        return found, notes
    with bench.contest(kind) as supervisor:
        bench.start(supervisor, services(bench, SERVICES))
        bench.collector.listen(SETTLING)
        found["copies_keeper"], notes["keeper"] = _copies(bench, supervisor, supervisor.parents())
    return found, notes


def _copies(bench, supervisor, pids):
    before = set(processes.running(bench.tools.service))
    supervisor.kill(pids)
    if supervisor.root in pids:
        supervisor.start_again()
    bench.collector.listen_until_quiet(QUIET, AFTERMATH)
    after = set(processes.running(bench.tools.service))
    return len(after), {"went_on": len(before & after), "ended": len(before - after), "new": len(after - before)}
