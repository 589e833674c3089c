import Testing

@testable import Topology

struct CrossCheckTests {
    @Test func dependencies() {
        let head = "name: n\nservices:\n  b: { command: b }\n  a:\n    command: a\n    "
        expectMistake(head + "depends_on: [b, c2]", at: 6, 21, "there is no service \"c2\"")
        expectMistake(head + "depends_on: [brokr]", at: 6, 18, "did you mean \"broker\"?")
        expectMistake(head + "depends_on: [a]", at: 6, 18, "depends on itself")
        expectMistake(head + "depends_on: [b, b]", at: 6, 21, "stands twice")
        expectMistake(head + "depends_on: [broker, database]", at: 6, 26, "there is no database", "database: {managed: true}")
        expectMistake(head + "depends_on: { cache: ready }", at: 6, 26, "there is no cache")
        expectMistake(head + "depends_on: { broker: completed }", at: 6, 27, "never completes")
        expectMistake(head + "depends_on: { b: completed }", at: 6, 22, "type: one-shot")
        expectMistake(head + "depends_on: { b: { condition: service_healthy } }", at: 6, 35, "write ready")
        expectMistake(head + "depends_on: { b: { conditions: ready } }", at: 6, 24, "\"condition\"")
    }

    @Test func whatIsMeantToEnd() {
        let once = "name: n\nservices:\n  a:\n    command: a\n    type: one-shot\n    "
        expectMistake(once + "readiness: { http: /x }", at: 6, 5, "a one-shot is never ready", "remove readiness")
        expectMistake(once + "startup: { http: /x }", at: 6, 5, "remove startup")
        expectMistake(once + "liveness: { http: /x }", at: 6, 5, "give it a watchdog")
        expectMistake(once + "scale: { max: 1 }", at: 6, 5, "run by one instance")
        expectMistake(once + "listen: 127.0.0.1:80", at: 6, 5, "behind its sockets")
        expectMistake(once + "update: { overlap: true }", at: 6, 5, "not replaced while it runs")
        expectMistake(once + "instances: 2", at: 6, 16, "found 2, but a one-shot is run by one instance")
        expectMistake(once + "restart: always", at: 6, 14, "write on-failure or never")
        expectMistake(once + "restart: { policy: always }", at: 6, 24, "write on-failure or never")
        expectMistake(once + "schedule: '@daily'", at: 5, 11, "remove type, or schedule")
        let nightly = "name: n\nservices:\n  a:\n    command: a\n    schedule: '@daily'\n    "
        expectMistake(nightly + "readiness: { http: /x }", at: 6, 5, "a service with a schedule is never ready")
        expectMistake(nightly + "listen: [127.0.0.1:80]", at: 6, 5, "remove listen")
        expectMistake(nightly + "instances: 3", at: 6, 16, "run by one instance")
    }

    @Test func whatIsMeantToEndIsNotReliedOn() {
        let head = "name: n\nservices:\n  m: { command: m, type: one-shot, depends_on: [broker] }\n"
        expectMistake(head + "  a: { command: a, depends_on: [m] }", at: 4, 33, "never ready; write { m: completed }")
        expectMistake(head + "  a: { command: a, depends_on: { m: ready } }", at: 4, 37, "write { m: completed }")
        expectMistake(head + "queues: { q: { consumer: m } }", at: 4, 26, "m is a one-shot, which is not there all the time")
        expectMistake(head + "routes: [{ path: /m, service: m }]", at: 4, 31, "m is a one-shot")
        let nightly = "name: n\nservices:\n  m: { command: m, schedule: '@daily', depends_on: [broker] }\n"
        for condition in ["started", "ready", "completed"] {
            expectMistake(
                nightly + "  a: { command: a, depends_on: { m: \(condition) } }", at: 4, 37, "at the times of its schedule only")
        }
        expectMistake(nightly + "queues: { q: { consumer: m } }", at: 4, 26, "m is a service with a schedule")
        expectMistake(nightly + "routes: [{ path: /m, service: m }]", at: 4, 31, "name one that goes on")
    }

    @Test func aRuleThatIsNeverReached() {
        expectMistake(
            "name: n\nservices: { a: { command: a, scale: { cpu: 0.8 }, limits: { cpu: 0.5 } } }", at: 2, 44, "allows an instance 0.5")
        #expect(mistakes("name: n\nservices: { a: { command: a, scale: { cpu: 0.5 }, limits: { cpu: 0.5 } } }").isEmpty)
    }

    @Test func cyclesAreNamedInFull() {
        expectMistake(
            """
            name: n
            services:
              first: { command: a, depends_on: [a] }
              a: { command: a, depends_on: [b] }
              b: { command: a, depends_on: [c, d] }
              c: { command: a, depends_on: [a] }
              d: { command: a }
            """, at: 4, 20, "a → b → c → a")
    }

    @Test func twoCyclesAreTwoMistakes() {
        let found = mistakes(
            """
            name: n
            services:
              a: { command: a, depends_on: [b] }
              b: { command: a, depends_on: [a] }
              c: { command: a, depends_on: [d] }
              d: { command: a, depends_on: [c, a] }
            """)
        #expect(found.count == 2)
        #expect(found.last?.message.contains("c → d → c") == true)
    }

    @Test func reservedNames() {
        expectMistake("name: n\nservices:\n  broker: { command: a }", at: 3, 3, "cannot be called \"broker\"")
        expectMistake("name: n\nservices:\n  Order: { command: a }", at: 3, 3, "small letters")
        let head = "name: n\nservices: { a: { command: a, depends_on: [broker] } }\n"
        expectMistake(head + "queues:\n  q: { consumer: a }\n  q.dead: { consumer: a }", at: 5, 3, "Signalbox itself makes \"q.dead\"")
        expectMistake(
            head + "queues:\n  q: { consumer: a, retry: { delays: [1s] } }\n  q.retry.0: { consumer: a }", at: 5, 3, "q.retry.0")
        expectMistake(head + "queues: { q: { consumer: a } }\nexchanges:\n  a.retry: {}", at: 5, 3, "for the retries of a")
    }

    @Test func whoUsesTheBrokerDependsOnIt() {
        expectMistake("name: n\nservices:\n  a: { command: a }\nqueues: { q: { consumer: a } }", at: 3, 3, "no AMQP_URL")
        expectMistake(
            "name: n\nservices:\n  a: { command: a, publishes: [e] }\n  b: { command: b, depends_on: [broker] }\nexchanges: { e: {} }\nqueues: { q: { consumer: b, bindings: [{ exchange: e, key: k }] } }",
            at: 3, 3,
            "add broker")
    }

    @Test func publishedExchangesAndScaleQueuesAreThere() {
        let head =
            "name: n\nexchanges: { shop.events: {} }\nqueues: { q: { consumer: b } }\nservices:\n  b: { command: b, depends_on: [broker] }\n"
        expectMistake(
            head + "  a: { command: a, depends_on: [broker], publishes: [shop.event] }", at: 6, 54, "did you mean \"shop.events\"?")
        expectMistake(head + "  a: { command: a, scale: { queue: r } }", at: 6, 36, "there is no queue \"r\"")
        expectMistake(head + "  a: { command: a, scale: { queue: q } }", at: 6, 36, "read by b")
    }

    @Test func aLongChainIsNoCycle() {
        let services = (0..<3000).map { "  s\($0): { command: a\($0 > 0 ? ", depends_on: [s\($0 - 1)]" : "") }" }
        #expect(mistakes("name: n\nservices:\n" + services.joined(separator: "\n")).isEmpty)
    }
}
