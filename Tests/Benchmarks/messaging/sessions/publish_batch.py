"""The same as `publish`, ours by batches, as the outbox publishes."""

from common.figure import Figure

from . import publish
from ..loops import CLoop

CONTESTANTS = publish.CONTESTANTS


def figures():
    return [Figure("publish_batch_rate", "publish + confirm, batches", "messages/s", 0.9, sense="at least", digits=0, against=CLoop.name)]


def run(bench, kind):
    return publish.run(bench, kind, what="publish-batch", figure="publish_batch_rate")
