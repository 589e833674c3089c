/// A right file, and mistakes made in it one at a time.
enum MessagingMistakes {
    struct Seed: Sendable {
        /// What of the right file is replaced by what; `▸` stands before the place that the mistake is told of.
        var edits: [(found: String, replacement: String)]
        /// Mistakes that follow from this one, told of elsewhere.
        var others: Int
        /// What is said: what was found, what was expected, what to do.
        var words: [String]

        init(_ found: String, _ replacement: String, also: (String, String)? = nil, others: Int = 0, _ words: String...) {
            edits = [(found, replacement)] + (also.map { [(found: $0.0, replacement: $0.1)] } ?? [])
            self.others = others
            self.words = words
        }
    }

    static let file = """
        name: shop
        broker: { managed: true }
        database: { managed: true }
        services:
          gateway:
            command: signalbox gateway
            depends_on: [broker]
          order:
            command: shop order
            depends_on: [broker, database]
            publishes: [{ exchange: shop.events, events: [order.created, order.confirmed] }]
            readiness: { http: /ready, initial_delay: 1s }
            stop: { grace: 30s }
            scale: { min: 1, max: 4, queue: order.events, backlog_per_instance: 100 }
          payment:
            command: shop payment
            depends_on: [broker, database]
            publishes: [{ exchange: shop.events, events: [payment.success, payment.failed] }]
          mail: { command: shop mail, depends_on: [broker, database] }
          files: { command: shop files, depends_on: [broker] }
          report: { command: shop report, type: one-shot }
        exchanges:
          shop.events: { type: topic }
          shop.audit: { type: fanout, external: true }
          shop.partners: { type: direct, external: true }
          shop.notes: { type: fanout, durable: false, external: true }
          shop.empty: { type: direct }
        queues:
          order.events:
            bindings: [{ exchange: shop.events, key: payment.* }]
            consumer: order
            prefetch: 32
            max_length: 10000
            retry: { immediate: 2, delays: [1s, 5s] }
            single_active_consumer: true
          payment.orders:
            bindings: [{ exchange: shop.events, key: order.created }]
            consumer: payment
          mail.orders:
            bindings: [{ exchange: shop.events, key: order.confirmed }, { exchange: shop.audit }, { exchange: shop.partners, key: mail.wanted }]
            consumer: mail
          FileBrowser: { consumer: files, type: classic, durable: false }
        routes:
          - { path: /order, service: order, timeout: 10s, cache: { ttl: 30s, invalidate_on: [order.confirmed] } }
          - { path: /files, queue: FileBrowser, timeout: 5s }
        """

    static let all: [Seed] = publications + bindings + queues + requests + times + scaling + names

    private static let orders = "events: [order.created, order.confirmed]"
    private static let payments = "publishes: [{ exchange: shop.events, events: [payment.success, payment.failed] }]"
    private static let created = "bindings: [{ exchange: shop.events, key: order.created }]"
    private static let confirmed = "{ exchange: shop.events, key: order.confirmed }"
    private static let ladder = "retry: { immediate: 2, delays: [1s, 5s] }"
    private static let files = "FileBrowser: { consumer: files, type: classic, durable: false }"
    private static let rule = "scale: { min: 1, max: 4, queue: order.events, backlog_per_instance: 100 }"

    /// What is published has a route.
    private static let publications = [
        Seed(
            orders, "events: [order.created, order.confirmed, ▸stock.counted]", "no queue takes \"stock.counted\" from shop.events",
            "each one would come back", "bind a queue with the key \"stock.counted\", or remove it here"),
        Seed(
            orders, "events: [▸order.creatd, order.confirmed]", others: 1, "no queue takes \"order.creatd\"",
            "a binding has the key \"order.created\"", "correct one of them"),
        Seed(
            orders, "events: [order.created, order.confirmed, ▸stock.counted]",
            also: ("invalidate_on: [order.confirmed]", "invalidate_on: [stock.counted]"), "no queue takes \"stock.counted\"",
            "the gateway's cache listens to it, but is not there all the time", "bind a queue with the key \"stock.counted\""),
        Seed(
            payments, payments.dropLast() + ", { exchange: shop.partners, events: [▸order.created] }]",
            "no queue takes \"order.created\" from shop.partners", "payment.orders takes it from shop.events",
            "publish it there, or bind the queue here"),
        Seed(
            payments, payments.dropLast() + ", ▸shop.empty]", "no queue is bound to the exchange shop.empty", "would come back",
            "bind a queue to it, or remove it here"),
        Seed(
            payments, payments.dropLast() + ", { exchange: ▸shop.empty, events: [a.b] }]", "no queue is bound to the exchange shop.empty"),
        Seed(
            orders, "events: ▸[]", others: 3, "found an empty list", "expected event types such as [order.created]",
            "name the exchange alone"),
        Seed(
            orders, "events: ▸order.created", others: 3, "found \"order.created\"", "expected a list of event types",
            "write [order.created]"),
        Seed(
            orders, "events: [order.created, order.confirmed, ▸order.*]", "found \"order.*\"", "expected an event type",
            "such as order.created"),
        Seed(orders, "events: [order.created, order.confirmed, ▸order..paid]", "found \"order..paid\"", "with a dot between them"),
        Seed(orders, "events: [order.created, order.confirmed, ▸order.created]", "\"order.created\" stands twice", "keep one of them"),
        Seed(
            payments, "publishes: [▸{ exchange: shop.events }]", others: 1, "\"events\" is missing",
            "Every event type that the service publishes there"),
        Seed(
            payments, "publishes: [▸{ events: [payment.success] }]", others: 1, "\"exchange\" is missing",
            "One of the exchanges of this file"),
        Seed(
            payments, "publishes: [{ exchange: ▸shop.event, events: [payment.success] }]", others: 1, "there is no exchange \"shop.event\"",
            "did you mean \"shop.events\"?"),
        Seed(
            payments, "publishes: [{ ▸event: [a], exchange: shop.events, events: [payment.success] }]",
            "a publication has no key \"event\"", "did you mean \"events\"?"),
        Seed(payments, payments.dropLast() + ", ▸shop.events]", "\"shop.events\" stands twice in this list", "keep one of them"),
        Seed(
            payments, "publishes: ▸shop.events", others: 1, "found \"shop.events\"", "expected a list of exchanges", "write [shop.events]"),
        Seed(
            "invalidate_on: [order.confirmed]", "invalidate_on: [▸stock.counted]", "no service publishes \"stock.counted\"",
            "it never comes", "published are order.created"),
        Seed(
            "invalidate_on: [order.confirmed]", "invalidate_on: [▸order.confirmd]", "no service publishes",
            "did you mean \"order.confirmed\"?"),
    ]

    /// What is bound can arrive.
    private static let bindings = [
        Seed(
            created, created.dropLast() + ", { exchange: shop.events, key: ▸order.create }]",
            "nothing that is published to shop.events has a type that fits \"order.create\"", "did you mean \"order.created\"?"),
        Seed(
            created, created.dropLast() + ", { exchange: shop.events, key: ▸stock.# }]", "fits \"stock.#\"",
            "published are order.created, order.confirmed"),
        Seed(created, created.dropLast() + ", { exchange: shop.events, key: ▸order.*.* }]", "fits \"order.*.*\""),
        Seed(created, created.dropLast() + ", { exchange: shop.events, key: ▸\"*\" }]", "fits \"*\""),
        Seed(
            created, created.dropLast() + ", { exchange: shop.events, key: ▸order* }]", "found \"order*\"",
            "stand for whole words between dots", "write \"*\" for any one word"),
        Seed(created, created.dropLast() + ", { exchange: shop.events, key: ▸order.c# }]", "in \"c#\" they are ordinary characters"),
        Seed(
            created, created.dropLast() + ", { exchange: shop.events, key: ▸order..created }]", "a word between the dots is empty",
            "remove a dot"),
        Seed(created, created.dropLast() + ", { exchange: shop.events, key: ▸.order }]", "a word between the dots is empty"),
        Seed(
            created, created.dropLast() + ", { exchange: ▸shop.empty, key: order.created }]", "no service publishes to shop.empty",
            "nothing comes by this binding", "write \"external: true\""),
        Seed(
            "key: mail.wanted", "key: ▸mail.#", "the direct exchange shop.partners compares keys letter by letter",
            "write the event types out, or make the exchange a topic"),
        Seed(
            "{ exchange: shop.audit }", "{ exchange: shop.audit, key: ▸order.created }",
            "the fanout exchange shop.audit does not look at routing keys", "remove it, or make the exchange a topic"),
        Seed(
            created, created.dropLast() + ", { exchange: ▸shop.notes }]", "shop.notes does not outlive the broker's restart",
            "make the exchange durable"),
        Seed(created, created.dropLast() + ", ▸{ exchange: shop.events }]", "\"key\" is missing", "write \"#\" for all"),
        Seed(
            created, created.dropLast() + ", ▸{ exchange: shop.events, key: order.created }]", "the same binding stands above",
            "keep one of them"),
        Seed(
            created, created.dropLast() + ", { exchange: ▸shop.evnts, key: order.created }]", "there is no exchange \"shop.evnts\"",
            "did you mean \"shop.events\"?"),
        Seed(created, created.dropLast() + ", ▸{ key: order.created }]", "\"exchange\" is missing"),
    ]

    /// What a queue holds is read, kept in its order, and has somewhere to go when it fails.
    private static let queues = [
        Seed("consumer: payment", "consumer: ▸payments", others: 0, "there is no service \"payments\"", "did you mean \"payment\"?"),
        Seed(
            "    bindings: [{ exchange: shop.events, key: order.created }]\n    consumer: payment",
            "    ▸{ bindings: [{ exchange: shop.events, key: order.created }] }", "\"consumer\" is missing", "The service that reads it"),
        Seed("consumer: payment", "consumer: ▸gateway", "gateway is the gateway, which reads no queue", "name a service"),
        Seed("consumer: payment", "consumer: ▸report", others: 1, "report is a one-shot", "name one that goes on"),
        Seed(
            "consumer: mail", "consumer: ▸mail", also: ("shop mail, depends_on", "shop mail, instances: 0, scale: { max: 0 }, depends_on"),
            "mail may have no instance (scale.max is 0)", "raise it, or name another service"),
        Seed(
            "consumer: mail", "consumer: mail\n    durable: ▸false", "a queue that is not durable has no dead-letter queue",
            "remove \"durable: false\""),
        Seed("consumer: mail", "consumer: mail\n    type: ▸quorum\n    durable: false", others: 1, "a quorum queue is always durable"),
        Seed(
            files, "FileBrowser: { consumer: files, durable: false, retry: ▸{ immediate: 1 } }", others: 1,
            "a queue that is not durable has no retries and no dead-letter queue"),
        Seed(
            files, "FileBrowser: { consumer: files, durable: false, message_ttl: ▸1m }",
            "what runs out in a queue that is not durable is lost", "remove message_ttl, or \"durable: false\""),
        Seed(
            "single_active_consumer: true", "single_active_consumer: ▸true\n    type: classic", "a classic queue does not count deliveries",
            "make it a quorum queue, or remove single_active_consumer"),
        Seed(
            "  order.events:\n", "  ▸order.events.dead: { consumer: order }\n  order.events:\n",
            "Signalbox itself makes \"order.events.dead\"", "choose another name"),
        Seed(
            "  order.events:\n", "  ▸signalbox.mine: { consumer: order }\n  order.events:\n", "a queue cannot begin with \"signalbox.\"",
            "choose another name"),
    ]

    /// What routes put into queues.
    private static let requests = [
        Seed(
            files, "FileBrowser: { consumer: files, single_active_consumer: ▸true }",
            "routes put requests into this queue, which have no order", "remove single_active_consumer"),
        Seed(
            files, "FileBrowser: { consumer: files, bindings: ▸[{ exchange: shop.audit }] }", "one consumer cannot tell them apart",
            "give each a queue of its own"),
        Seed(
            files, "FileBrowser: { consumer: files, ▸retry: { immediate: 1 } }", "answered with their error and not tried again",
            "remove retry"),
        Seed(
            files, "FileBrowser: { consumer: files, message_ttl: 3s }", also: ("timeout: 5s", "timeout: ▸5s"),
            "a request may take 5s, but FileBrowser gives it up after 3s", "raise message_ttl or remove it"),
        Seed("queue: FileBrowser", "queue: ▸FileBrowsr", "there is no queue \"FileBrowsr\"", "did you mean \"FileBrowser\"?"),
        Seed("timeout: 5s }", "timeout: 5s, reply_mode: ▸shared }", "expected exclusive, temporary or direct"),
        Seed("service: order, timeout: 10s", "service: ▸gateway, timeout: 10s", "gateway is the gateway itself", "name another service"),
        Seed("service: order, timeout: 10s", "service: ▸report, timeout: 10s", "report is a one-shot", "name one that goes on"),
    ]

    /// Deadlines and retries fit one another.
    private static let times = [
        Seed(
            "timeout: 10s", "timeout: ▸31s", "a request may take 31s, but order is killed 30s after it was asked to end (stop.grace)",
            "raise stop.grace, or lower timeout"),
        Seed("timeout: 5s", "timeout: ▸1m", "a request may take 1m, but files is killed 20s"),
        Seed("timeout: 10s", "timeout: ▸10", "expected a duration", "a unit is missing: 10s?"),
        Seed(
            ladder, "retry: { delays: ▸[30d, 5d] }", "the delays are 35d together, and after 34d nobody knows any more what was handled",
            "make them shorter"),
        Seed(ladder, "retry: { delays: [1s, ▸31d] }", "found \"31d\"", "expected a duration from 10ms to 30d"),
        Seed(ladder, "retry: { immediate: ▸21 }", "expected a whole number from 0 to 20"),
        Seed(ladder, "retry: { delays: ▸[1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s] }", "found 11 delays, expected at most 10"),
        Seed(
            "initial_delay: 1s", "initial_delay: ▸2m", "the first check comes after 2m", "has to be ready within 1m (update.ready_within)",
            "lower it, or raise ready_within"),
        Seed("max_length: 10000", "max_length: 10000\n    message_ttl: ▸0s", "expected a duration from 1ms to 365d"),
    ]

    /// What is read at a time, and by how many.
    private static let scaling = [
        Seed(
            "prefetch: 32", "prefetch: ▸20000", "found 20000", "more at a time than the 10000 that the queue may hold",
            "lower it, or raise max_length"),
        Seed("prefetch: 32", "prefetch: ▸0", "expected a whole number from 1 to 65535"),
        Seed(
            rule, "scale: { min: 1, max: 4, queue: order.events, backlog_per_instance: ▸10000 }",
            "one instance is for 10000 messages, and order.events holds 10000 at most", "a second is never asked for"),
        Seed(rule, "scale: { min: 1, max: 4, queue: ▸order.event }", "there is no queue \"order.event\"", "did you mean \"order.events\"?"),
        Seed(
            rule, "scale: { min: 1, max: 4, queue: ▸mail.orders }", "the queue \"mail.orders\" is read by mail",
            "name a queue that order reads"),
        Seed(rule, "scale: { min: 1, max: 4, backlog_per_instance: ▸100 }", "says nothing without a queue"),
        Seed(rule, "scale: { min: ▸5, max: 4, queue: order.events }", "min is 5 and max is 4"),
    ]

    /// Names find what they name.
    private static let names = [
        Seed("shop.audit: { type: fanout", "shop.audit: { type: ▸fannout", others: 1, "did you mean \"fanout\"?"),
        Seed("  shop.audit:", "  ▸amq.mine: {}\n  shop.audit:", "cannot begin with \"amq.\""),
        Seed("  shop.audit:", "  ▸order.retry: {}\n  shop.audit:", "Signalbox itself makes \"order.retry\" for the retries of order"),
        Seed(
            "mail: { command: shop mail, depends_on: [broker, database] }", "▸mail: { command: shop mail, depends_on: [database] }",
            "is handed no AMQP_URL", "add broker to its depends_on"),
        Seed("external: true }\n  shop.partners", "external: ▸outside }\n  shop.partners", others: 1, "expected true or false"),
    ]
}
