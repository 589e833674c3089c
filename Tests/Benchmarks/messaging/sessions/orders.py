"""The order's whole way: from the call to the event that says it is confirmed, with 64 orders under way; before that, one order at a time at
rest, from the call to the first event, which is more than the outbox takes from commit to confirm."""

import time

from common import processes
from common.figure import Figure
from common.runner import SessionFailure

from ..shops import Kept, Plain, Signalbox

CONTESTANTS = [Signalbox, Plain, Kept]
COUNT, WARM_UP, WINDOW = 3_000, 100, 64
# The slow ones are given fewer, so that a round takes a minute.
COUNTS = {Plain: 300, Kept: 600}
AT_REST, PAUSE_MS = 300, 20
EXCHANGE, FIRST, LAST = "shop.events", "order.created", "order.confirmed"


def figures():
    return [
        Figure("order_rate", "orders, whole way", "orders/s", 10, sense="at least", digits=0, against=Plain.name),
        Figure("order_p99", "an order's way, p99", "ms", 1, digits=0, against=Plain.name),
        Figure("order_cpu", "cpu an order", "ms", 1, digits=1, against=Plain.name),
        Figure("outbox_p99", "call → first event at rest, p99", "ms", 25),
    ]


def run(bench, kind):
    bench.stop_broker()
    broker = bench.make_broker()
    shop = kind(bench, broker)
    try:
        shop.start()
        count = COUNTS.get(kind, COUNT)
        _place(bench, shop, LAST, WARM_UP, WINDOW, 0)
        at_rest = _place(bench, shop, FIRST, AT_REST, 1, PAUSE_MS) if kind is Signalbox else None
        # What the last mails and acknowledgements of that take.
        time.sleep(1)
        before = shop.cpu()
        told = _place(bench, shop, LAST, count, WINDOW, 0)
        used = {}
        for pid, seconds in shop.cpu().items():
            label = shop.label(pid)
            used[label] = used.get(label, 0) + (seconds - before.get(pid, 0)) / count * 1000
    finally:
        shop.stop()
        broker.stop()
        processes.reap()
    values = {"order_rate": told["count"] / told["seconds"], "order_p99": told["p99_ms"], "order_cpu": sum(used.values())}
    if at_rest:
        values["outbox_p99"] = at_rest["p99_ms"]
    return values, {"told": told, "at_rest": at_rest, "cpu_ms_by_process": {name: round(value, 2) for name, value in used.items()}}


def _place(bench, shop, event, count, window, pause):
    told = bench.run(
        shop.broker, [bench.program("orders"), str(shop.port), "/order", EXCHANGE, event, str(count), str(window), str(pause)])
    if told["refused"] or told["count"] < count:
        raise SessionFailure(f"of {count} orders {told['refused']} were refused, and {told['count']} came to {event}")
    return told
