"""What is left after a graceful stop of six services, each with a descendant that does not care."""

import os

from common import processes
from common.figure import Figure

from ..bench import SessionFailure
from ..service import Service
from ..supervisors.circus import Circus
from ..supervisors.runit import Runit
from ..supervisors.s6 import S6
from ..supervisors.signalbox import Signalbox
from ..supervisors.supervisord import Supervisord
from ..supervisors.systemd import Systemd

CONTESTANTS = [Signalbox, Runit, S6, Supervisord, Systemd, Circus]
KINDS = ["setsid", "daemon", "ignore", "stopped", "stdout", "foreign"]
SETTLING = 0.5
START_LIMIT = 30


def figures():
    return [Figure("survivors", "kinds of unruly children that survive a stop", "of 6", 0, sense="exactly", digits=0)]


def run(bench, kind):
    with bench.contest(kind) as supervisor:
        mark = os.path.basename(supervisor.folder) + "-" + os.path.basename(bench.folder)
        supervisor.start([Service(name, bench.tools.unruly, f"{name}:{mark}") for name in KINDS])
        if not bench.wait_until(lambda: len(_left(bench, mark)) == len(KINDS), START_LIMIT):
            raise SessionFailure(f"of the unruly children only these started: {sorted(_left(bench, mark))}")
        bench.collector.listen(SETTLING)
        in_order = supervisor.stop()
        bench.collector.listen(SETTLING)
        left = _left(bench, mark)
        return {"survivors": len(left)}, {"left": sorted(left), "ended_by_itself": in_order}


def _left(bench, mark):
    """The kinds of which a descendant runs."""
    words = [processes.arguments(pid)[1:2] for pid in processes.running(bench.tools.unruly)]
    parts = [word[0].split(":") for word in words if word]
    return {part[1] for part in parts if part[0] == "left" and part[2] == mark}
