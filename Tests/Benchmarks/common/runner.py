"""Runs sessions, ours and the peers' in turn, and shows the table.

A session has `CONTESTANTS` (kinds with a `name` and an `absence()`: why it cannot be measured here, or None), `figures()`, and
`run(bench, kind)`, which returns the figures' values by name and notes for the raw figures."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time

from . import machine, table

# Of what a failure says.
FAILURE_LENGTH = 400


class SessionFailure(Exception):
    """A contestant did not do what was asked of it; the message says what."""


def options(benchmark, sessions, tools):
    """What the command line says. `tools` are paths that Tests/Benchmarks/run hands over."""
    parser = argparse.ArgumentParser(prog=f"Tests/Benchmarks/run {benchmark}")
    names = sorted(figure.name for session in sessions for figure in session.figures())
    parser.add_argument("--json", action="store_true", help="a line of JSON for each figure in place of the table")
    parser.add_argument("--rounds", type=_positive, default=5, help="how often all is measured; 5 if not given")
    parser.add_argument("--only", action="append", metavar="FIGURE", choices=names, help="this figure alone; may be repeated: " + ", ".join(names))
    for tool in [*tools, "results"]:
        parser.add_argument(f"--{tool}", required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def end_on_signals():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))


def measure(sessions, bench, options, results):
    """Returns the figures."""
    chosen = []
    for session in sessions:
        figures = [figure for figure in session.figures() if not options.only or figure.name in options.only]
        if figures:
            chosen.append((session, figures))
    absences = {kind: kind.absence() for session, _ in chosen for kind in session.CONTESTANTS}
    for kind, reason in absences.items():
        if reason:
            say(f"{kind.name} is left out: {reason}")
    for number in range(1, options.rounds + 1):
        for session, figures in chosen:
            contestants = [kind for kind in session.CONTESTANTS if not absences[kind]]
            # Each begins a round in its turn, so that none always runs on the cold or the warm machine.
            first = (number - 1) % len(contestants)
            for kind in contestants[first:] + contestants[:first]:
                _measure(bench, session, kind, number, figures, results)
    return [figure for _, figures in chosen for figure in figures]


def show(figures, ours, peers, references, described, options, path):
    if options.json:
        for figure in figures:
            print(figure.json(ours, references))
        return
    measured = [peer for peer in peers if any(peer in figure.values for figure in figures)]
    print(f"\n{machine.sentence(described)}\nMedian of {options.rounds} rounds.\n")
    print(table.render(figures, ours, measured, references))
    for name in sorted(set().union(*(figure.failed for figure in figures))):
        print(f"\n{name} failed in some round; the raw figures say how.")
    print(f"\nRaw figures: {path}")


def say(text):
    print(text, file=sys.stderr, flush=True)


def _measure(bench, session, kind, number, figures, results):
    name, begin = session.__name__.rpartition(".")[2], time.monotonic()
    try:
        values, notes = session.run(bench, kind)
    except (SessionFailure, OSError, subprocess.SubprocessError) as failure:
        values, notes = {}, {"failure": str(failure)[:FAILURE_LENGTH]}
    seconds = round(time.monotonic() - begin, 1)
    results.add(
        round=number, session=name, contestant=kind.name, values=values, notes=notes, seconds=seconds, load=round(os.getloadavg()[0], 1))
    for figure in figures:
        if figure.name in values:
            figure.add(kind.name, values[figure.name])
        elif "failure" in notes:
            figure.failed.add(kind.name)
    shown = {key: round(value, 2) for key, value in values.items()} or notes
    say(f"round {number}, {name}, {kind.name}: {json.dumps(shown)} ({seconds} s)")


def _positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number
