"""Publishing and consuming with pika, durable: quorum queues, persistent messages, confirms, acknowledgement after the work.

BUS_MODE=plain opens a connection for each message it publishes: pika's connections belong to one thread, and so do most Flask services that
use it. BUS_MODE=kept keeps one open for each thread."""

import json
import os
import threading
import uuid

import pika

EXCHANGE = "shop.events"
QUORUM = {"x-queue-type": "quorum"}
KEEPS = os.environ.get("BUS_MODE") == "kept"
_kept = threading.local()


def connect():
    credentials = pika.PlainCredentials(os.environ["BUS_USER"], os.environ["BUS_PASSWORD"])
    return pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", int(os.environ["BUS_PORT"]), "/", credentials, heartbeat=0))


def _confirming(connection):
    channel = connection.channel()
    channel.confirm_delivery()
    return channel


def publish(key, event):
    if KEEPS:
        if not hasattr(_kept, "channel"):
            _kept.channel = _confirming(connect())
        _send(_kept.channel, key, event)
    else:
        connection = connect()
        try:
            _send(_confirming(connection), key, event)
        finally:
            connection.close()


def _send(channel, key, event):
    properties = pika.BasicProperties(
        message_id=str(uuid.uuid4()), type=key, content_type="application/json", delivery_mode=pika.DeliveryMode.Persistent)
    channel.basic_publish(EXCHANGE, key, json.dumps(event), properties, mandatory=True)


def consume(queue, keys, handle):
    """Calls `handle(key, event)` for each message, one after the other; acknowledges it when that returns. Returns never."""
    channel = connect().channel()
    channel.exchange_declare(EXCHANGE, "topic", durable=True)
    channel.queue_declare(queue, durable=True, arguments=QUORUM)
    for key in keys:
        channel.queue_bind(queue, EXCHANGE, key)
    channel.basic_qos(prefetch_count=64)

    def received(channel, method, _, body):
        handle(method.routing_key, json.loads(body))
        channel.basic_ack(method.delivery_tag)

    channel.basic_consume(queue, received)
    channel.start_consuming()
