import Testing

@testable import Topology

struct ParseTests {
    @Test func everyKeyIsRead() throws {
        let topology = try Topology.parse(wholeFile, file: "topology.yaml")
        #expect(topology.name == "shop")
        #expect(topology.broker == .managed)
        #expect(
            topology.database == .external(ExternalServer(url: "postgres://shop@db.internal:5432/shop", passwordFile: "secrets/database")))
        #expect(topology.cache == .external(ExternalServer(url: "redis://cache.internal:6379/0", passwordVariable: "CACHE_PASSWORD")))
        #expect(topology.admin.listen == .tcp(host: "127.0.0.1", port: 9900))
        #expect(topology.services.map(\.name) == ["gateway", "order", "payment", "files", "migrate", "report", "probed", "socket"])
        #expect(
            topology.service(named: "gateway")?.listen == [
                .tcp(host: "127.0.0.1", port: 8080), .tcp(host: "::1", port: 8080), .unix(path: "run/gateway.sock"),
            ])

        let order = Service(
            name: "order", command: ["shop", "order", "--verbose"], workingDirectory: "work",
            environment: ["LOG_LEVEL": "info", "PAGE_SIZE": "50", "DEBUG": "true", "EMPTY": ""], instances: 2,
            dependsOn: [Dependency(name: "broker"), Dependency(name: "database"), Dependency(name: "migrate", condition: .completed)],
            startup: Probe(.notify, initialDelay: .milliseconds(100), timeout: .seconds(2), jitter: 0.5),
            readiness: Probe(.http(path: "/health/ready"), successThreshold: 2),
            liveness: Probe(.http(path: "/health/live"), period: .seconds(5)),
            restart: RestartRules(exceptions: [
                RestartException(ends: [.status(78), .signal(11), .outOfMemory], consequence: .fail),
                RestartException(ends: [.status(75)], consequence: .restart),
            ]),
            scale: ScaleRule(
                minimum: 1, maximum: 4, queue: "order.requests", backlogPerInstance: 200, consumerUtilisation: 0.5, cpu: 0.8,
                tolerance: 0.2,
                upAfter: .seconds(1), downAfter: .seconds(60), coolDown: .seconds(10)),
            limits: Limits(memory: 256 << 20, cpu: 1.5, openFiles: 4096, processes: 64), publishes: ["shop.events"], user: "shop",
            group: "www-data", umask: 0o27, update: UpdateRules(overlap: false, readyWithin: .seconds(90)), watchdog: .seconds(10),
            logs: LogRules(destination: .files, maximumSize: 8 << 20, keep: 2, maximumAge: .seconds(7 * 86_400)),
            secrets: ["STRIPE_KEY": .file("secrets/stripe"), "SMTP_URL": .credential("smtp-url")])
        #expect(topology.service(named: "order") == order)
        #expect(topology.service(named: "payment")?.command == ["shop", "payment", "--provider", "built in"])
        #expect(topology.contracts == "recorded")
        #expect(topology.service(named: "payment")?.publishes == ["shop.audit"])
        #expect(topology.service(named: "payment")?.publishedEvents == ["shop.audit": ["payment.success", "payment.failed"]])
        #expect(topology.service(named: "payment")?.readiness == Probe(.tcp(nil)))
        #expect(topology.service(named: "payment")?.liveness == Probe(.exec(["shop", "check"])))
        #expect(
            topology.service(named: "migrate")
                == Service(
                    name: "migrate", command: ["shop", "migrate"], restart: RestartRules(policy: .onFailure), lifetime: .once))
        let nightly = Schedule(
            cron: try CronExpression("0 3 * * MON-FRI"), timeZone: "Europe/Berlin", overlap: .replace, startDeadline: .seconds(3600))
        #expect(
            topology.service(named: "report")
                == Service(
                    name: "report", command: ["shop", "report"], restart: RestartRules(policy: .onFailure), lifetime: .scheduled(nightly)))
        #expect(topology.service(named: "probed")?.startup?.check == .postgres(.unix(path: "/run/postgresql/.s.PGSQL.5432")))
        #expect(topology.service(named: "probed")?.readiness?.check == .amqp(nil))
        #expect(topology.service(named: "probed")?.liveness?.check == .redis(.tcp(host: "127.0.0.1", port: 6379)))
        #expect(topology.service(named: "socket")?.liveness?.check == .unix(path: "run/x.sock"))
        #expect(
            topology.logs == LogRules(destination: .both, maximumSize: 8 << 20, keep: 9, maximumAge: .seconds(7 * 86_400)))

        #expect(topology.exchanges == [Exchange(name: "shop.events"), Exchange(name: "shop.audit", kind: .fanout, external: true)])
        #expect(
            topology.queue(named: "payment.orders")
                == Queue(
                    name: "payment.orders",
                    bindings: [Binding(exchange: "shop.events", key: "inventory.reserved"), Binding(exchange: "shop.audit", key: "")],
                    consumer: "payment", prefetch: 64,
                    retry: RetryLadder(immediate: 2, delays: [.seconds(1), .seconds(5), .seconds(30), .seconds(120)]),
                    maximumLength: 100_000,
                    messageTTL: .seconds(3600)))
        #expect(topology.queue(named: "order.requests")?.singleActiveConsumer == true)
        #expect(topology.queue(named: "FileBrowser") == Queue(name: "FileBrowser", kind: .classic, durable: false, consumer: "files"))
        #expect(
            topology.routes == [
                Route(path: "/order", methods: ["GET", "POST"], target: .service("order"), rewrite: "/api/order"),
                Route(
                    path: "/inventory", methods: ["GET"], target: .service("order"), rewrite: "/api/inventory",
                    cache: RouteCache(ttl: .seconds(30), invalidateOn: ["inventory.updated"])),
                Route(path: "/files", methods: ["GET"], target: .queue("FileBrowser", replyMode: .direct), timeout: .seconds(5)),
            ])
    }

    @Test func whatIsNotGivenHasItsDefault() throws {
        let topology = try Topology.parse("name: shop\nservices:\n  a: { command: a }\n", file: "t.yaml")
        #expect(topology == Topology(name: "shop", broker: nil, services: [Service(name: "a", command: ["a"])]))
    }

    @Test func aScheduleMayBeItsExpressionAlone() throws {
        let topology = try Topology.parse("name: n\nservices: { a: { command: a, schedule: '@daily' } }", file: "t.yaml")
        #expect(topology.service(named: "a")?.lifetime == .scheduled(Schedule(cron: try CronExpression("@daily"))))
    }

    @Test func probesTakeAnAddress() throws {
        let topology = try Topology.parse(
            "name: n\nservices: { a: { command: a, readiness: { tcp: \"[::1]:53\" }, startup: { postgres: true } } }", file: "t.yaml")
        #expect(topology.service(named: "a")?.readiness?.check == .tcp(.tcp(host: "::1", port: 53)))
        #expect(topology.service(named: "a")?.startup?.check == .postgres(nil))
    }

    @Test(arguments: [("027", 0o27), ("\"0077\"", 0o77), ("'000'", 0), ("777", 0o777)])
    func umasksAreOctal(text: String, mask: Int) throws {
        let topology = try Topology.parse("name: n\nservices: { a: { command: a, umask: \(text) } }", file: "t.yaml")
        #expect(topology.service(named: "a")?.umask == mask)
    }

    @Test func aServiceTakesWhatItsLogsDoNotSayFromTheFilesLogs() throws {
        let topology = try Topology.parse(
            """
            name: n
            services:
              a: { command: a, logs: { to: journal } }
              b: { command: b }
              c: { command: c, logs: { keep: 1 } }
            logs: { to: both, max_size: 1M }
            """, file: "t.yaml")
        #expect(topology.services[0].logs == LogRules(destination: .journal, maximumSize: 1 << 20))
        #expect(topology.services[1].logs == nil)
        #expect(topology.services[2].logs == LogRules(destination: .both, maximumSize: 1 << 20, keep: 1))
    }

    @Test func whatIsMeantToEndMayHaveAWatchdogAndRestartRules() throws {
        let topology = try Topology.parse(
            """
            name: n
            services:
              once: { command: a, type: one-shot, watchdog: 1m, restart: { policy: never, exceptions: [{ on: 3, then: complete }] } }
              after: { command: b, depends_on: { once: completed } }
              also: { command: b, depends_on: { once: started } }
              nightly: { command: c, schedule: "0 3 * * *", instances: 0, restart: { limit: { restarts: 3 } } }
            """, file: "t.yaml")
        #expect(topology.service(named: "once")?.restart.policy == .never)
        #expect(topology.service(named: "nightly")?.restart.policy == .onFailure)
        #expect(topology.service(named: "nightly")?.instances == 0)
    }

    @Test func emptySectionsAreNothing() throws {
        let topology = try Topology.parse("name: shop\nservices:\nqueues:\nroutes: []\nexchanges: {}\n", file: "t.yaml")
        #expect(topology == Topology(name: "shop", broker: nil))
    }

    @Test func aQueueThatIsNotDurableIsClassicByItself() throws {
        let topology = try Topology.parse(
            "name: n\nservices: { a: { command: a, depends_on: [broker] } }\nqueues: { q: { consumer: a, durable: false } }", file: "t.yaml"
        )
        #expect(topology.queue(named: "q")?.kind == .classic)
    }

    @Test func theFewestInstancesAreTheDefaultNumber() throws {
        let topology = try Topology.parse("name: n\nservices: { a: { command: a, scale: { min: 3, max: 5 } } }", file: "t.yaml")
        #expect(topology.service(named: "a")?.instances == 3)
    }

    @Test func anchorsAndMergesAreFollowed() throws {
        let topology = try Topology.parse(
            """
            name: n
            services:
              a: &common
                command: a
                readiness: &probe { http: /ready, period: 2s }
              b: { <<: *common, command: b, liveness: *probe }
              c: { <<: [*common], instances: 2 }
            """, file: "t.yaml")
        let probe = Probe(.http(path: "/ready"), period: .seconds(2))
        #expect(topology.service(named: "b") == Service(name: "b", command: ["b"], readiness: probe, liveness: probe))
        #expect(topology.service(named: "c") == Service(name: "c", command: ["a"], instances: 2, readiness: probe))
    }
}

@Suite struct BrokerDefaultTests {
    @Test func withoutAnythingThatNeedsOneThereIsNoBroker() throws {
        let topology = try Topology.parse("name: a\nservices:\n  x:\n    command: sleep 9\n", file: "t.yaml")
        #expect(topology.broker == nil)
    }

    @Test(arguments: [
        "services: { x: { command: a, depends_on: [broker] } }", "exchanges: { e: { type: topic } }",
    ])
    func whereSomethingNeedsOneItIsManaged(text: String) throws {
        #expect(try Topology.parse("name: a\n\(text)\n", file: "t.yaml").broker == .managed)
    }
}
