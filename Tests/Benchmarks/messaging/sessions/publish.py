"""Persistent, mandatory messages of 1 KiB to a quorum queue, each confirmed, at most 256 of them unconfirmed: ours by as many callers as
keep the window full, each awaiting its confirm."""

from common.figure import Figure

from ..loops import CLoop, Signalbox, measured

CONTESTANTS = [Signalbox, CLoop]
COUNT, WINDOW, BYTES = 30_000, 256, 1024


def figures():
    return [Figure("publish_rate", "publish + confirm", "messages/s", 0.9, sense="at least", digits=0, against=CLoop.name)]


def run(bench, kind, what="publish", figure="publish_rate"):
    broker = bench.broker
    broker.declare("publish")
    try:
        told = bench.run(broker, kind.command(bench, what, ["publish", str(COUNT), str(WINDOW), str(BYTES)]))
    finally:
        broker.delete("publish")
    return measured(figure, told)
