"""What must hold when the dust has settled, asked of the databases, the broker and the mail server."""

import time

# For the last order's end, and for every queue and outbox to be empty.
SETTLING = 150
ENDS = "('confirmed', 'rejected', 'cancelled')"
SCHEMAS = ["shop_order", "shop_inventory", "shop_payment", "shop_notification", "shop_analytics", "shop_audit", "shop_users"]
# Each pair comes from one outbox: the first before the second.
SEQUENCES = [
    ("order.created", ("order.confirmed", "order.rejected", "order.cancelled")),
    ("inventory.reserved", ("inventory.updated", "inventory.released")),
]


class Invariants:
    def __init__(self, host, mail):
        self.host = host
        self.mail = mail
        self.accepted = set()
        self.poisons = set()
        self._stock = self._pieces()

    def settle(self):
        """Waits for the end of everything that is under way; what is still open when the time is over."""
        until = time.monotonic() + SETTLING
        while True:
            try:
                open_things = self._open_things()
            except OSError as error:
                open_things = [str(error)]
            if not open_things or time.monotonic() > until:
                return open_things
            time.sleep(0.5)

    def violations(self):
        found = []
        for check in (
            self._every_accepted_order_ended, self._no_event_without_its_commit, self._each_effect_once, self._sequence, self._stock_is_whole,
            self._money, self._mails, self._dead_letters,
        ):
            found += [f"{check.__name__.strip('_').replace('_', ' ')}: {text}" for text in check()]
        return found

    def _rows(self, sql):
        return self.host.query(sql)

    def _number(self, sql):
        return int(self._rows(sql)[0][0])

    def _open_things(self):
        things = []
        if count := self._number(f'SELECT count(*) FROM shop_order.orders WHERE status NOT IN {ENDS}'):
            things.append(f"{count} orders have no end")
        for schema in SCHEMAS:
            tables = [row[0] for row in self._rows(
                f"SELECT tablename FROM pg_tables WHERE schemaname = '{schema}' AND tablename IN "
                "('signalbox_outbox', 'signalbox_outbox_parked', 'signalbox_waiting', 'signalbox_scheduled', 'signalbox_suspects')")]
            for table in tables:
                if count := self._number(f'SELECT count(*) FROM {schema}.{table}'):
                    things.append(f"{count} rows in {schema}.{table}")
        if count := self._number("SELECT count(*) FROM shop_notification.mails WHERE sent_at IS NULL"):
            things.append(f"{count} mails are not sent")
        for queue in self.host.management("GET", "/api/queues/shop?columns=name,messages,state"):
            if not queue["name"].endswith(".dead") and queue.get("messages", 1):
                things.append(f"{queue.get('messages', '?')} messages in {queue['name']}")
        return things

    def _every_accepted_order_ended(self):
        known = {row[0] for row in self._rows(f'SELECT id FROM shop_order.orders WHERE status IN {ENDS}')}
        missing = self.accepted - known
        if missing:
            yield f"{len(missing)} accepted orders are missing or have no end: {sorted(missing)[:3]}"

    def _no_event_without_its_commit(self):
        for what, sql in {
            "reservations without an order": 'SELECT count(*) FROM shop_inventory.reservations r LEFT JOIN shop_order.orders o ON o.id = r.order_id WHERE o.id IS NULL',
            "payments without a reservation": "SELECT count(*) FROM shop_payment.payments p LEFT JOIN shop_inventory.reservations r USING (order_id) WHERE r.order_id IS NULL",
            "reservations without a payment": "SELECT count(*) FROM shop_inventory.reservations r LEFT JOIN shop_payment.payments p USING (order_id) WHERE p.order_id IS NULL",
            "observed orders that nobody placed": "SELECT count(*) FROM shop_audit.observed a LEFT JOIN shop_order.orders o ON o.id::text = lower(a.subject) WHERE a.type = 'order.created' AND o.id IS NULL",
            "orders that were never observed": "SELECT count(*) FROM shop_order.orders o WHERE NOT EXISTS (SELECT 1 FROM shop_audit.observed a WHERE a.type = 'order.created' AND lower(a.subject) = o.id::text)",
            "ends that were never observed": "SELECT count(*) FROM shop_order.orders o WHERE NOT EXISTS (SELECT 1 FROM shop_audit.observed a WHERE a.type = 'order.' || o.status AND lower(a.subject) = o.id::text)",
        }.items():
            if count := self._number(sql):
                yield f"{count} {what}"

    def _each_effect_once(self):
        if count := self._number("SELECT count(*) FROM (SELECT 1 FROM shop_audit.observed GROUP BY subject, type HAVING count(*) > 1) AS doubles"):
            yield f"{count} events were observed twice"
        orders = self._rows("SELECT count(*), count(*) FILTER (WHERE status = 'confirmed'), count(*) FILTER (WHERE status = 'rejected'), "
                            "count(*) FILTER (WHERE status = 'cancelled') FROM shop_order.orders")[0]
        counted = self._rows("SELECT coalesce(sum(orders), 0), coalesce(sum(confirmed), 0), coalesce(sum(rejected), 0), "
                             "coalesce(sum(cancelled), 0) FROM shop_analytics.daily")[0]
        if orders != counted:
            yield f"orders, confirmed, rejected, cancelled are {orders}, and analytics counted {counted}"

    def _sequence(self):
        for first, later in SEQUENCES:
            types = ", ".join(f"'{type}'" for type in later)
            count = self._number(
                f"SELECT count(*) FROM shop_audit.observed a JOIN shop_audit.observed b USING (subject) WHERE a.type = '{first}' AND b.type IN ({types}) "
                "AND b.position < a.position")
            if count:
                yield f"{count} subjects had {types} before '{first}'"

    def _stock_is_whole(self):
        if self._pieces() != self._stock:
            yield f"the pieces of each product were {self._stock} and are {self._pieces()}"
        for row in self._rows("SELECT id, available, reserved, sold FROM shop_inventory.products WHERE available < 0 OR reserved <> 0 OR sold < 0"):
            yield f"product {row[0]} has {row[1]} available, {row[2]} reserved, {row[3]} sold"
        for row in self._rows(
                "SELECT p.id, p.sold, coalesce(sum(r.quantity) FILTER (WHERE r.state = 'sold'), 0) FROM shop_inventory.products p "
                "LEFT JOIN shop_inventory.reservations r ON r.product_id = p.id GROUP BY p.id HAVING p.sold <> coalesce(sum(r.quantity) FILTER (WHERE r.state = 'sold'), 0)"):
            yield f"product {row[0]} has {row[1]} sold, and its reservations say {row[2]}"

    def _pieces(self):
        return {row[0]: row[1] for row in self._rows("SELECT id, available + reserved + sold FROM shop_inventory.products")}

    def _money(self):
        captured = self._rows("SELECT count(*), coalesce(sum(amount_cents), 0) FROM shop_payment.payments WHERE state = 'captured'")[0]
        paid = self._rows("SELECT count(*), coalesce(sum(total_cents), 0) FROM shop_order.orders WHERE status = 'confirmed'")[0]
        if captured != paid:
            yield f"captured (count, cents) {captured}, confirmed orders {paid}"

    def _mails(self):
        ended = self._number(f'SELECT count(*) FROM shop_order.orders WHERE status IN {ENDS}')
        mails = self._number("SELECT count(*) FROM shop_notification.mails")
        if mails != ended:
            yield f"{ended} orders ended, {mails} mails were written"
        names = {row[0] for row in self._rows("SELECT id FROM shop_notification.mails")}
        arrived = {name.strip("<>").split("@")[0] for name in self.mail.mails}
        if missing := names - arrived:
            yield f"{len(missing)} mails never arrived: {sorted(missing)[:3]}"
        if strange := arrived - names:
            yield f"{len(strange)} mails arrived that nobody wrote: {sorted(strange)[:3]}"

    def _dead_letters(self):
        letters = self.host.dead_letters()
        for letter in letters:
            if not letter.get("cause"):
                yield f"{letter.get('message_id')} in {letter.get('queue')} has no cause"
            if letter.get("message_id") not in self.poisons:
                yield f"{letter.get('message_id')} ({letter.get('type')}) rests in {letter.get('queue')}: {letter.get('cause')}"
        resting = {letter.get("message_id") for letter in letters}
        if missing := self.poisons - resting:
            yield f"poisoned messages that rest nowhere: {sorted(missing)[:3]}"
