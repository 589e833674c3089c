"""What Tests/Benchmarks/run messaging calls."""

import os
import shutil
import tempfile

from common import machine, processes, runner
from common.results import Results

from .bench import Bench, Tools
from .sessions import consume, orders, publish, publish_batch, requests

OURS = "signalbox"
PEERS = ["C loop", "temporary queue", "ours, temporary queues", "Flask + pika", "Flask + pika, kept"]
SESSIONS = [publish, publish_batch, consume, requests, orders]


def main():
    options = runner.options("messaging", SESSIONS, ["signalbox", "driver", "programs", "python"])
    runner.end_on_signals()
    processes.become_subreaper()
    described = machine.describe()
    results = Results(options.results, "messaging")
    results.add(machine=described)
    runner.say(machine.sentence(described))
    folder = tempfile.mkdtemp(prefix="signalbox-bench.")
    # Servers run as users of their own.
    os.chmod(folder, 0o755)
    try:
        bench = Bench(Tools(options.signalbox, options.driver, options.programs, options.python), folder)
        figures = runner.measure(SESSIONS, bench, options, results)
        bench.close()
    finally:
        processes.sweep()
        shutil.rmtree(folder, ignore_errors=True)
        results.close()
    runner.show(figures, OURS, PEERS, {"ours, temporary queues"}, described, options, results.path)


main()
