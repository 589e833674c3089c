"""Clients who order. What was accepted is written down before it is forgotten."""

import http.client
import json
import random
import threading
import time

CLIENTS = 6
# Between two orders of one client.
PAUSE = 0.1
PATIENCE = 15
GOODS = [1, 1, 1, 5, 5, 3]
CARDS = [None, None, None, None, "pm_card_declined"]


class Load:
    def __init__(self, port, seed):
        self.port = port
        self.accepted = []
        self.refused = {}
        self._dice = random.Random(seed)
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._threads = []

    def start(self):
        self._threads = [threading.Thread(target=self._order, args=(self._dice.random(),), daemon=True) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._is_over.set()
        for thread in self._threads:
            thread.join(PATIENCE + 5)

    def _order(self, seed):
        dice = random.Random(seed)
        connection = None
        while not self._is_over.is_set():
            body = {"product_id": dice.choice(GOODS), "quantity": 1, "user_id": dice.randint(1, 50)}
            if card := dice.choice(CARDS):
                body["card"] = card
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
                connection.request("POST", "/order", json.dumps(body), {"Content-Type": "application/json"})
                response = connection.getresponse()
                text = response.read()
                self._note(response.status, text)
            except (OSError, http.client.HTTPException) as error:
                connection and connection.close()
                connection = None
                self._count(type(error).__name__)
            time.sleep(PAUSE * dice.uniform(0.5, 1.5))

    def _note(self, status, text):
        if status != 202:
            return self._count(str(status))
        order = json.loads(text)["order_id"]
        with self._lock:
            self.accepted.append(order)

    def _count(self, why):
        with self._lock:
            self.refused[why] = self.refused.get(why, 0) + 1
