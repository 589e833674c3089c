"""SIGKILL of a service → the first instruction of its replacement, with 100 services.

Each service is killed twice, in random order, one every 25 ms, whether those before it are back or not. None is killed before it has lived
for a second and a half: each kill is a first one, and no supervisor's backoff falls into it."""

import os
import random
import signal
import time

from common import processes
from common.figure import Figure

from ..bench import SessionFailure
from ..service import services
from ..supervisors.circus import Circus
from ..supervisors.floor import Floor
from ..supervisors.runit import Runit
from ..supervisors.s6 import S6
from ..supervisors.signalbox import Signalbox
from ..supervisors.supervisord import Supervisord
from ..supervisors.systemd import Systemd

CONTESTANTS = [Signalbox, Runit, S6, Supervisord, Systemd, Circus, Floor]
SERVICES = 100
PASSES = 2
SPACING = 0.025
HEALTHY = 1.5
# For the last replacements of a pass.
PATIENCE = 15


def figures():
    return [
        Figure("restart_p50", "SIGKILL → replacement, p50", "ms", 10),
        Figure("restart_p99", "SIGKILL → replacement, p99", "ms", 50),
    ]


def run(bench, kind):
    with bench.contest(kind) as supervisor:
        declared = services(bench, SERVICES)
        bench.start(supervisor, declared)
        latencies = []
        before = processes.cpu_seconds(supervisor.tree())
        for _ in range(PASSES):
            bench.collector.listen(HEALTHY)
            latencies += _kill_all(bench.collector, [service.name for service in declared])
        latencies.sort()
        figures = {"restart_p50": _percentile(latencies, 50), "restart_p99": _percentile(latencies, 99)}
        used = {}
        for pid, seconds in processes.cpu_since(before, supervisor.tree()).items():
            name = supervisor.label(pid)
            used[name] = round(used.get(name, 0) + seconds * 1000 / len(latencies), 3)
        return figures, {"latencies_ms": [round(latency, 2) for latency in latencies], "cpu_ms_a_restart": used}


def _kill_all(collector, names):
    names = random.sample(names, len(names))
    killed, latencies = {}, []

    def hear(until):
        announcement = collector.receive(until)
        if announcement and announcement.name in killed:
            latencies.append((announcement.time - killed.pop(announcement.name)) / 1e6)
        return announcement

    next_kill = time.monotonic()
    for name in names:
        while hear(next_kill):
            pass
        pid = collector.latest[name].pid
        killed[name] = time.monotonic_ns()
        os.kill(pid, signal.SIGKILL)
        next_kill += SPACING
    until = time.monotonic() + PATIENCE
    while killed and hear(until):
        pass
    if killed:
        raise SessionFailure(f"{len(killed)} of {len(names)} killed services did not come back within {PATIENCE} s")
    return latencies


def _percentile(ordered, percent):
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
