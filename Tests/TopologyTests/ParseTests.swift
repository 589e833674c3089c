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
        #expect(topology.services.map(\.name) == ["gateway", "order", "payment", "files", "migrate"])
        #expect(
            topology.service(named: "gateway")?.listen == [
                .tcp(host: "127.0.0.1", port: 8080), .tcp(host: "::1", port: 8080), .unix(path: "run/gateway.sock"),
            ])

        let order = Service(
            name: "order", command: ["shop", "order", "--verbose"], workingDirectory: "work",
            environment: ["LOG_LEVEL": "info", "PAGE_SIZE": "50", "DEBUG": "true", "EMPTY": ""], instances: 2,
            dependsOn: [Dependency(name: "broker"), Dependency(name: "database"), Dependency(name: "migrate", condition: .completed)],
            startup: Probe(.notify, initialDelay: .milliseconds(100), timeout: .seconds(2)),
            readiness: Probe(.http(path: "/health/ready"), successThreshold: 2),
            liveness: Probe(.http(path: "/health/live"), period: .seconds(5)),
            scale: ScaleRule(minimum: 1, maximum: 4, queue: "order.requests", backlogPerInstance: 200),
            limits: Limits(memory: 256 << 20, cpu: 1.5, openFiles: 4096, processes: 64), publishes: ["shop.events"], user: "shop",
            group: "www-data")
        #expect(topology.service(named: "order") == order)
        #expect(topology.service(named: "payment")?.command == ["shop", "payment", "--provider", "built in"])
        #expect(topology.service(named: "payment")?.readiness == Probe(.tcp(nil)))
        #expect(topology.service(named: "payment")?.liveness == Probe(.exec(["shop", "check"])))
        #expect(topology.service(named: "migrate")?.restart.policy == .onFailure)

        #expect(topology.exchanges == [Exchange(name: "shop.events"), Exchange(name: "shop.audit", kind: .fanout, durable: false)])
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
        #expect(topology == Topology(name: "shop", services: [Service(name: "a", command: ["a"])]))
    }

    @Test func emptySectionsAreNothing() throws {
        let topology = try Topology.parse("name: shop\nservices:\nqueues:\nroutes: []\nexchanges: {}\n", file: "t.yaml")
        #expect(topology == Topology(name: "shop"))
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
