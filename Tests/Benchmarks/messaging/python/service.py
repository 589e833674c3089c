"""service.py order|inventory|payment|notification: the order's way, in memory: no database, no outbox, no duplicates recognised.

    order.created → inventory.reserved → payment.success → inventory.updated → order.confirmed → mail
"""

import logging
import os
import sys
import threading
import uuid

import bus
from flask import Flask, request
from flask_restx import Api, Resource, fields

stock = {1: 100_000}
orders = {}


def run_order():
    app = Flask("order")
    api = Api(app)
    order_model = api.model("Order", {
        "product_id": fields.Integer(required=True), "quantity": fields.Integer(required=True), "user_id": fields.Integer(required=True),
        "card": fields.String, "email": fields.String,
    })

    @api.route("/order")
    class Orders(Resource):
        @api.expect(order_model, validate=True)
        def post(self):
            order = dict(request.json, order_id=str(uuid.uuid4()), status="pending")
            orders[order["order_id"]] = order
            bus.publish("order.created", order)
            return {"order_id": order["order_id"], "status": "pending"}, 202

    @api.route("/order/<string:order_id>")
    class Order(Resource):
        def get(self, order_id):
            return orders.get(order_id) or ({"message": "not found"}, 404)

    def updated(key, event):
        order = orders.get(event["order_id"])
        if not order:
            return
        order["status"] = key
        if key == "inventory.updated":
            order["status"] = "confirmed"
            bus.publish("order.confirmed", order)

    threading.Thread(target=bus.consume, args=("order.events", ["inventory.*", "payment.*"], updated), daemon=True).start()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]), threaded=True)


def run_inventory():
    def handle(key, event):
        if key == "order.created":
            if stock.get(event["product_id"], 0) < event["quantity"]:
                return bus.publish("inventory.rejected", event)
            stock[event["product_id"]] -= event["quantity"]
            return bus.publish("inventory.reserved", event)
        if key == "payment.failed":
            stock[event["product_id"]] += event["quantity"]
            return bus.publish("inventory.released", event)
        return bus.publish("inventory.updated", event)

    bus.consume("inventory.orders", ["order.created", "payment.success", "payment.failed"], handle)


def run_payment():
    bus.consume("payment.orders", ["inventory.reserved"], lambda _, event: bus.publish("payment.success", event))


def run_notification():
    def handle(key, event):
        with open(os.path.join(os.environ["MAIL_FOLDER"], f"{event['order_id']}.eml"), "w") as mail:
            mail.write(f"To: {event.get('email')}\nSubject: {key}\n\nYour order {event['order_id']}\n")

    bus.consume("notification.orders", ["order.confirmed", "order.rejected", "order.cancelled"], handle)


if __name__ == "__main__":
    {"order": run_order, "inventory": run_inventory, "payment": run_payment, "notification": run_notification}[sys.argv[1]]()
