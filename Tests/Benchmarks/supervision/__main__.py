"""What Tests/Benchmarks/run supervision calls."""

import os
import shutil
import tempfile

from common import machine, processes, runner
from common.results import Results

from .bench import Bench, Tools
from .sessions import idle, logs, restart, small, startup, survivors

OURS = "signalbox"
PEERS = ["runit", "s6", "supervisord", "systemd", "circus", "C floor"]
REFERENCES = {"C floor"}
SESSIONS = [restart, startup, small, idle, logs, survivors]


def main():
    options = runner.options("supervision", SESSIONS, ["signalbox", "programs"])
    runner.end_on_signals()
    processes.become_subreaper()
    processes.limit_open_files()
    described = machine.describe()
    results = Results(options.results, "supervision")
    results.add(machine=described)
    runner.say(machine.sentence(described))
    folder = tempfile.mkdtemp(prefix="signalbox-bench.")
    try:
        # As /proc names them.
        programs = [os.path.realpath(os.path.join(options.programs, name)) for name in ("service", "floor", "unruly")]
        bench = Bench(Tools(options.signalbox, *programs), folder)
        figures = runner.measure(SESSIONS, bench, options, results)
    finally:
        processes.sweep()
        shutil.rmtree(folder, ignore_errors=True)
        results.close()
    runner.show(figures, OURS, PEERS, REFERENCES, described, options, results.path)


main()
