"""Messages of 1 KiB that wait in a quorum queue, at most 256 of them unacknowledged, each acknowledged."""

from common.figure import Figure

from ..loops import CLoop, Signalbox, measured

CONTESTANTS = [Signalbox, CLoop]
COUNT, PREFETCH = 30_000, 256


def figures():
    return [Figure("consume_rate", "consume + manual ack", "messages/s", 0.9, sense="at least", digits=0, against=CLoop.name)]


def run(bench, kind):
    broker = bench.broker
    broker.declare("consume")
    try:
        bench.run(broker, [bench.program("publish"), "consume", str(COUNT), "1000", "1024"])
        told = bench.run(broker, kind.command(bench, "consume", ["consume", str(COUNT), str(PREFETCH)]))
    finally:
        broker.delete("consume")
    return measured("consume_rate", told)
