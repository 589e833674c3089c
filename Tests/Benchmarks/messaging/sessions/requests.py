"""Requests of 256 bytes over the bus, 64 under way, to the same callee in C, which answers each with its own body; and one after the other with
a reply queue for each."""

import os
import subprocess

from common.figure import Figure
from common.runner import SessionFailure

from ..loops import CLoop, Signalbox, measured

WINDOW, BYTES = 64, 256
QUEUE = "requests"


class ExclusiveQueue(Signalbox):
    @staticmethod
    def command(bench, what, arguments):
        return [bench.tools.driver, what, *arguments, "exclusiveQueue"]


class TemporaryQueue(CLoop):
    """A C loop as tutorials begin: declares a queue, sends, waits, and begins again."""

    name = "temporary queue"

    @staticmethod
    def command(bench, what, arguments):
        queue, count, _, size = arguments
        return [bench.program("temporary"), queue, count, size]


class OwnTemporaryQueues(Signalbox):
    """Ours, with a reply queue for each request."""

    name = "ours, temporary queues"

    @staticmethod
    def command(bench, what, arguments):
        return [bench.tools.driver, what, *arguments, "temporaryQueue"]


CONTESTANTS = [ExclusiveQueue, CLoop, TemporaryQueue, OwnTemporaryQueues]
COUNTS = {TemporaryQueue: 500, OwnTemporaryQueues: 1_000}
COUNT = 30_000


def figures():
    return [
        Figure("request_rate", "requests over the bus", "requests/s", 0.8, sense="at least", digits=0, against=CLoop.name),
        Figure("request_gain", "requests over the bus", "requests/s", 50, sense="at least", digits=0, against=TemporaryQueue.name),
    ]


def run(bench, kind):
    broker = bench.broker
    callee = subprocess.Popen(
        [bench.program("echo"), QUEUE, "256"], env={**os.environ, **broker.environment}, stdout=subprocess.PIPE, text=True)
    try:
        if not callee.stdout.readline():
            raise SessionFailure("the callee did not start")
        told = bench.run(broker, kind.command(bench, "requests", [QUEUE, str(COUNTS.get(kind, COUNT)), str(WINDOW), str(BYTES)]))
    finally:
        callee.kill()
        callee.wait()
        callee.stdout.close()
        broker.delete(QUEUE)
    values, notes = measured("request_rate", told)
    return {**values, "request_gain": values["request_rate"]}, notes
