"""Runs the sessions, ours and the peers' in turn, and prints the table. Called by Tests/Benchmarks/run."""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from common import machine, table
from common.results import Results

from . import processes
from .bench import Bench, SessionFailure, Tools
from .sessions import idle, logs, restart, small, startup, survivors

OURS = "signalbox"
PEERS = ["runit", "s6", "supervisord", "systemd", "circus", "C floor"]
REFERENCES = {"C floor"}
# Of what a failure says.
FAILURE_LENGTH = 400
SESSIONS = [restart, startup, small, idle, logs, survivors]


def main():
    options = _options()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    processes.become_subreaper()
    processes.limit_open_files()
    described = machine.describe()
    results = Results(options.results, "supervision")
    results.add(machine=described)
    _say(machine.sentence(described))
    folder = tempfile.mkdtemp(prefix="signalbox-bench.")
    try:
        # As /proc names them.
        programs = [os.path.realpath(os.path.join(options.programs, name)) for name in ("service", "floor", "unruly")]
        bench = Bench(Tools(options.signalbox, *programs), folder)
        figures = _run(bench, options, results)
    finally:
        processes.sweep()
        shutil.rmtree(folder, ignore_errors=True)
        results.close()
    if options.json:
        for figure in figures:
            print(figure.json(OURS, REFERENCES))
    else:
        measured = [peer for peer in PEERS if any(peer in figure.values for figure in figures)]
        print(f"\n{machine.sentence(described)}\nMedian of {options.rounds} rounds.\n")
        print(table.render(figures, OURS, measured, REFERENCES))
        for name in sorted(set().union(*(figure.failed for figure in figures))):
            print(f"\n{name} failed in some round; the raw figures say how.")
        print(f"\nRaw figures: {results.path}")


def _options():
    parser = argparse.ArgumentParser(prog="Tests/Benchmarks/run supervision")
    names = sorted(figure.name for session in SESSIONS for figure in session.figures())
    parser.add_argument("--json", action="store_true", help="a line of JSON for each figure in place of the table")
    parser.add_argument("--rounds", type=_positive, default=5, help="how often all is measured; 5 if not given")
    parser.add_argument("--only", action="append", metavar="FIGURE", choices=names, help="this figure alone; may be repeated: " + ", ".join(names))
    parser.add_argument("--signalbox", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--programs", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--results", required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def _positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number


def _run(bench, options, results):
    sessions = []
    for session in SESSIONS:
        figures = [figure for figure in session.figures() if not options.only or figure.name in options.only]
        if figures:
            sessions.append((session, figures))
    absences = {kind: kind.absence() for session, _ in sessions for kind in session.CONTESTANTS}
    for kind, reason in absences.items():
        if reason:
            _say(f"{kind.name} is left out: {reason}")
    for number in range(1, options.rounds + 1):
        for session, figures in sessions:
            contestants = [kind for kind in session.CONTESTANTS if not absences[kind]]
            # Each begins a round in its turn, so that none always runs on the cold or the warm machine.
            first = (number - 1) % len(contestants)
            for kind in contestants[first:] + contestants[:first]:
                _measure(bench, session, kind, number, figures, results)
    return [figure for _, figures in sessions for figure in figures]


def _measure(bench, session, kind, number, figures, results):
    name, begin = session.__name__.rpartition(".")[2], time.monotonic()
    try:
        values, notes = session.run(bench, kind)
    except (SessionFailure, OSError, subprocess.SubprocessError) as failure:
        values, notes = {}, {"failure": str(failure)[:FAILURE_LENGTH]}
    seconds = round(time.monotonic() - begin, 1)
    results.add(round=number, session=name, contestant=kind.name, values=values, notes=notes, seconds=seconds)
    for figure in figures:
        if figure.name in values:
            figure.add(kind.name, values[figure.name])
        elif "failure" in notes:
            figure.failed.add(kind.name)
    shown = {key: round(value, 2) for key, value in values.items()} or notes
    _say(f"round {number}, {name}, {kind.name}: {json.dumps(shown)} ({seconds} s)")


def _say(text):
    print(text, file=sys.stderr, flush=True)


main()
