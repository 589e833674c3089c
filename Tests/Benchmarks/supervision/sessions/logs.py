"""How fast a service's output comes to its log file, and what that costs: 1 GiB in lines of 120 bytes, of which
slow loggers are handed a quarter.

The time is from the service's first instruction to the moment its last line is in the file. The cost is what the supervision uses in
between, loggers included. Files of 16 MiB, and four others kept; where a logger can write the time before each line, it does, as Signalbox
does; supervisord cannot."""

import os
import re
import time

from common import processes
from common.figure import Figure

from ..bench import SessionFailure
from ..service import services
from ..supervisors.runit import Runit
from ..supervisors.s6 import S6
from ..supervisors.signalbox import Signalbox
from ..supervisors.supervisord import Supervisord

CONTESTANTS = [Signalbox, Runit, S6, Supervisord]
BYTES = 1 << 30
# These take a minute for 1 GiB.
FEWER_BYTES = {Runit: 1 << 28, S6: 1 << 28}
TAIL = 4 << 10
LOOK_EVERY = 0.005
LIMIT = 90
# Of the latest lines, so many bytes are looked through for a missing one.
CHECKED = 4 << 20
NUMBER = re.compile(rb"(\d{12})x{20}")


def figures():
    return [
        Figure("log_rate", "log throughput", "MB/s", 200, sense="at least", digits=0),
        Figure("log_cpu", "cpu for 200 MB of logs", "s", 1, digits=2),
    ]


def run(bench, kind):
    with bench.contest(kind) as supervisor:
        count = FEWER_BYTES.get(kind, BYTES)
        service = services(bench, 1, mode=str(count))[0]
        bench.start(supervisor, [service])
        begin = bench.collector.latest[service.name].time
        path, marker = supervisor.log_file(service), f"the end of {service.name}\n".encode()
        before = processes.cpu_seconds(supervisor.tree())
        until = time.monotonic() + LIMIT
        while marker not in _tail(path, TAIL):
            if time.monotonic() > until:
                raise SessionFailure(f"the last line was not in {os.path.basename(path)} after {LIMIT} s")
            time.sleep(LOOK_EVERY)
        seconds = (time.monotonic_ns() - begin) / 1e9
        # Asked for again: a logger may have come up later than the service.
        cpu = sum(processes.cpu_since(before, supervisor.tree()).values())
        missing = _missing(path)
        if missing:
            raise SessionFailure(f"{missing} of the latest lines are missing in the log")
        return {"log_rate": count / seconds / 1e6, "log_cpu": cpu * 200e6 / count}, {"seconds": seconds, "cpu_seconds": cpu}


def _tail(path, size):
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - size))
            return file.read()
    except OSError:
        return b""


def _missing(path):
    numbers = [int(number) for number in NUMBER.findall(_tail(path, CHECKED))]
    return numbers[-1] - numbers[0] + 1 - len(numbers) if numbers else 0
