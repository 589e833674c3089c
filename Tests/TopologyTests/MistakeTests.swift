import Testing

@testable import Topology

/// One mistake a file: its place and what is said of it.
struct MistakeTests {
    private func service(_ line: String) -> String { "name: n\nservices:\n  a:\n    command: a\n    \(line)\n" }
    private func queue(_ lines: String) -> String {
        "name: n\nservices: { a: { command: a, depends_on: [broker] } }\nexchanges: { e: { external: true }, f: { type: fanout, external: true } }\nqueues:\n  q:\n    consumer: a\n    \(lines)\n"
    }
    private func route(_ line: String) -> String {
        "name: n\nservices: { a: { command: a, depends_on: [broker] } }\nqueues: { q: { consumer: a } }\nroutes:\n  - \(line)\n"
    }

    @Test func allMistakesOfAFileAreTold() {
        let found = mistakes(
            """
            name: My Shop
            services:
              order:
                comand: shop order
                instances: two
                readiness: { http: health, period: 5 }
            queues:
              q: { consumer: ordr }
            routes:
              - { path: order, service: order }
            """)
        #expect(
            found.map { "\($0.line):\($0.column)" } == ["1:7", "4:5", "4:5", "5:16", "6:24", "6:40", "8:18", "10:13"], "\(found)")
        #expect(found.first?.description.hasPrefix("t.yaml:1:7: error: name: found \"My Shop\", expected a name of small letters") == true)
    }

    @Test func unknownKeys() {
        expectMistake("nme: n\nname: n", at: 1, 1, "no key \"nme\"", "did you mean \"name\"?")
        expectMistake(service("replicas: 2"), at: 5, 5, "services.a.replicas", "known are command, ")
        expectMistake(service("readiness: { http: /x, perod: 1s }"), at: 5, 28, "a probe has no key \"perod\"", "\"period\"")
        expectMistake(service("restart: { backof: { max: 1s } }"), at: 5, 16, "\"backoff\"")
        expectMistake(queue("ttl: 5s"), at: 7, 5, "a queue has no key \"ttl\"")
        expectMistake(route("{ path: /a, service: a, method: [GET] }"), at: 5, 29, "did you mean \"methods\"?")
        expectMistake("name: n\ndatabase: { managed: true, management_url: x }", at: 2, 28, "a server has no key")
    }

    @Test func duplicateKeysDoNotHideOtherMistakes() {
        let found = mistakes(
            """
            name: n
            services:
              a: { command: a, command: b, comand: c }
              b: { command: b }
              "b": { command: c, instances: x }
              b: { command: d }
            """)
        #expect(found.map { "\($0.line):\($0.column)" } == ["3:8", "3:32", "4:3", "5:3"], "\(found)")
        #expect(found[0].message.contains("\"command\" stands more than once"))
    }

    @Test func wrongTypes() {
        expectMistake("- name", at: 1, 1, "found a list, expected the topology as a map")
        expectMistake("just text", at: 1, 1, "found \"just text\"")
        expectMistake("name: [n]", at: 1, 7, "found a list, expected text")
        expectMistake("name:", at: 1, 6, "found nothing")
        expectMistake("name: n\nservices: [a, b]", at: 2, 11, "found a list, expected a map of services by name")
        expectMistake("name: n\nservices: { a: sleep }", at: 2, 16, "found \"sleep\", expected a service as a map")
        expectMistake(service("instances: [1]"), at: 5, 16, "expected a whole number from 0 to 256")
        expectMistake(service("instances: 1.5"), at: 5, 16, "found \"1.5\"")
        expectMistake(service("instances: 1000"), at: 5, 16, "found \"1000\"")
        expectMistake(service("instances: 99999999999999999999"), at: 5, 16, "whole number")
        expectMistake(service("environment: [A=b]"), at: 5, 18, "write NAME: value")
        expectMistake(service("environment: { A: [b] }"), at: 5, 23, "expected text")
        expectMistake(service("environment: { 2A: b }"), at: 5, 20, "a variable's name")
        expectMistake(service("environment: { PORT: 1 }"), at: 5, 20, "hands PORT")
        expectMistake(service("depends_on: broker"), at: 5, 17, "write [broker]")
        expectMistake(service("? [x]\n    : y"), at: 5, 7, "found a list as a key")
        expectMistake("name: n\ndatabase: { managed: yes }", at: 2, 22, "expected true or false")
        expectMistake("name: n\nroutes: { path: /a }", at: 2, 9, "found a map, expected a list of routes")
        expectMistake(queue("bindings: [e]"), at: 7, 16, "found \"e\", expected a binding as a map of exchange, key")
        expectMistake(service("<<: 5"), at: 5, 9, "takes a map")
    }

    @Test func missingKeys() {
        expectMistake("services: {}", at: 1, 1, "\"name\" is missing")
        expectMistake("name: n\nservices:\n  a: { instances: 1 }", at: 3, 6, "services.a: \"command\" is missing")
        expectMistake("name: n\nservices:\n  a:", at: 3, 5, "\"command\" is missing")
        expectMistake("name: n\nqueues: { q: { prefetch: 1 } }", at: 2, 14, "\"consumer\" is missing")
        expectMistake(route("{ path: /a }"), at: 5, 5, "\"service\" or \"queue\" is missing")
        expectMistake(route("{ path: /a, service: a, cache: {} }"), at: 5, 36, "\"ttl\" is missing")
        expectMistake("", at: 1, 1, "the file is empty")
        expectMistake("# nothing\n", at: 1, 1, "the file is empty")
    }

    @Test func commands() {
        expectMistake("name: n\nservices: { a: { command: '' } }", at: 2, 27, "expected a command")
        expectMistake("name: n\nservices: { a: { command: [] } }", at: 2, 27, "found an empty list")
        expectMistake("name: n\nservices: { a: { command: [a, [b]] } }", at: 2, 31, "found a list")
        expectMistake("name: n\nservices: { a: { command: a 'b } }", at: 2, 27, "the quote ' is not closed")
        expectMistake("name: n\nservices: { a: { command: a | b } }", at: 2, 27, "is for a shell")
        expectMistake("name: n\nservices: { a: { command: \"a\\0\" } }", at: 2, 27, "NUL")
    }

    @Test func probes() {
        expectMistake(service("readiness: { period: 1s }"), at: 5, 16, "found no check")
        expectMistake(service("readiness: { http: /a, tcp: true }"), at: 5, 16, "found 2 checks")
        expectMistake(service("readiness: { http: 'http://localhost/a' }"), at: 5, 24, "a path that begins with \"/\"")
        expectMistake(service("readiness: { tcp: false }"), at: 5, 23, "expected true")
        expectMistake(service("liveness: { notify: true }"), at: 5, 25, "use http, tcp or exec")
        expectMistake(service("liveness: { tcp: true, success_threshold: 2 }"), at: 5, 47, "expected 1")
        expectMistake(service("liveness: { tcp: true, failure_threshold: 0 }"), at: 5, 47, "from 1 to 1000")
        expectMistake(service("liveness: { tcp: true, period: 5 }"), at: 5, 36, "a unit is missing: 5s?")
        expectMistake(service("liveness: { tcp: true, period: 99ms }"), at: 5, 36, "a duration from 100ms to 1d")
        expectMistake(service("liveness: { tcp: true, jitter: 1.5 }"), at: 5, 36, "a number from 0 to 1")
        expectMistake(service("liveness: [tcp]"), at: 5, 15, "expected a probe as a map")
    }

    @Test func probeAddresses() {
        expectMistake(service("liveness: { tcp: 5432 }"), at: 5, 22, "true for the instance's own port", "write 127.0.0.1:5432")
        expectMistake(service("liveness: { tcp: 'unix:/run/x' }"), at: 5, 22, "write \"unix: /run/x\" instead of tcp")
        expectMistake(service("liveness: { amqp: broker }"), at: 5, 23, "or unix:/run/x.sock")
        expectMistake(service("liveness: { amqp: 'amqp://h:5672' }"), at: 5, 23, "expected true")
        expectMistake(service("liveness: { postgres: '::1:5432' }"), at: 5, 27, "in brackets")
        expectMistake(service("liveness: { redis: 'h:99999' }"), at: 5, 24, "a port is a number")
        expectMistake(service("liveness: { redis: false }"), at: 5, 24, "expected true; or use another check")
        expectMistake(service("liveness: { redis: [a] }"), at: 5, 24, "found a list")
        expectMistake(service("liveness: { unix: 'unix:/run/x' }"), at: 5, 23, "write /run/x")
        expectMistake(service("liveness: { unix: \(String(repeating: "x", count: 108)) }"), at: 5, 23, "at most 107 bytes")
        expectMistake(service("liveness: { unix: '' }"), at: 5, 23, "the path of a socket")
    }

    @Test func lifetimes() {
        expectMistake(service("type: oneshot"), at: 5, 11, "did you mean \"one-shot\"?")
        expectMistake(service("schedule: daily"), at: 5, 15, "write @daily")
        expectMistake(service("schedule: { time_zone: UTC }"), at: 5, 15, "\"cron\" is missing")
        expectMistake(service("schedule: { cron: '@daily', time_zone: Europe/Belin }"), at: 5, 44, "did you mean \"Europe/Berlin\"?")
        expectMistake(service("schedule: { cron: '@daily', time_zone: PST }"), at: 5, 44, "a time zone of the tz database")
        expectMistake(service("schedule: { cron: '@daily', overlap: allow }"), at: 5, 42, "expected skip, wait or replace")
        expectMistake(service("schedule: { cron: '@daily', start_deadline: 8d }"), at: 5, 49, "a duration from 0s to 7d")
        expectMistake(service("schedule: 0 0 31 2 *"), at: 5, 15, "\"0 0 31 2 *\" never runs")
        expectMistake(service("schedule: 0 0 30,31 FEB *"), at: 5, 15, "never runs")
        expectMistake(service("schedule: [a]"), at: 5, 15, "found a list")
    }

    @Test func processes() {
        expectMistake(service("umask: 27"), at: 5, 12, "three octal digits")
        expectMistake(service("umask: 089"), at: 5, 12, "three octal digits")
        expectMistake(service("umask: '1777'"), at: 5, 12, "three octal digits")
        expectMistake(service("watchdog: 10"), at: 5, 15, "a unit is missing: 10s?")
        expectMistake(service("watchdog: 50ms"), at: 5, 15, "a duration from 100ms to 1d")
        expectMistake(service("watchdog: 2d"), at: 5, 15, "a duration from 100ms to 1d")
        expectMistake(service("update: { ready_within: 0s }"), at: 5, 29, "a duration from 100ms")
        expectMistake(service("update: { overlap: maybe }"), at: 5, 24, "true or false")
        expectMistake("name: n\nbroker: { managed: true, update: { overlap: true } }", at: 2, 26, "the broker has no key \"update\"")
    }

    @Test func logs() {
        expectMistake(service("logs: { to: file }"), at: 5, 17, "did you mean \"files\"?")
        expectMistake(service("logs: { max_size: 1K }"), at: 5, 23, "a size of at least 4K")
        expectMistake(service("logs: { keep: -1 }"), at: 5, 19, "from 0 to 1000")
        expectMistake(service("logs: { max_age: 1s }"), at: 5, 22, "a duration from 1m")
        expectMistake(service("logs: { to: journal, keep: 2 }"), at: 5, 32, "write \"to: both\"")
        expectMistake("name: n\nlogs: { max: 1M }", at: 2, 9, "log rules has no key \"max\"")
    }

    @Test func secrets() {
        expectMistake(service("secrets: { A: { file: x, credential: y } }"), at: 5, 19, "keep one of them")
        expectMistake(service("secrets: { A: {} }"), at: 5, 19, "found neither file nor credential")
        expectMistake(service("secrets: { A: { credential: a/b } }"), at: 5, 33, "without \"/\"")
        expectMistake(service("secrets: { 1A: { file: x } }"), at: 5, 16, "a variable's name")
        expectMistake(service("secrets: { AMQP_URL: { file: x } }"), at: 5, 16, "Signalbox itself hands AMQP_URL")
        expectMistake(service("secrets: [A]"), at: 5, 14, "expected a map of variables")
        expectMistake(service("environment: { A: x }\n    secrets: { A: { file: x } }"), at: 6, 16, "stands in this service's environment")
        expectMistake(service("environment: { A: }\n    secrets: { A: { file: x } }"), at: 6, 16, "keep it in one of them")
        expectMistake(service("environment: { WATCHDOG_USEC: 5 }"), at: 5, 20, "Signalbox itself hands WATCHDOG_USEC")
        expectMistake(service("environment: { WATCHDOG_PID: 5 }"), at: 5, 20, "Signalbox itself hands WATCHDOG_PID")
    }

    @Test func aSecretInTheFileIsRefusedAndNotRepeated() {
        let found = mistakes(service("secrets: { STRIPE_KEY: geheim }"))
        #expect(found.count == 1)
        #expect(found.first?.message.contains("must not stand in this file") == true)
        #expect(found.first?.message.contains("geheim") == false)
    }

    @Test func restartExceptions() {
        let rule = { (text: String) in service("restart: { exceptions: [\(text)] }") }
        expectMistake(rule("{ on: 1 }"), at: 5, 29, "\"then\" is missing")
        expectMistake(rule("{ then: fail }"), at: 5, 29, "\"on\" is missing")
        expectMistake(rule("{ on: [], then: fail }"), at: 5, 35, "such as [78, SEGV]")
        expectMistake(rule("{ on: 256, then: fail }"), at: 5, 35, "an exit status from 0 to 255")
        expectMistake(rule("{ on: SIGSEGV, then: fail }"), at: 5, 35, "write SEGV")
        expectMistake(rule("{ on: segv, then: fail }"), at: 5, 35, "write SEGV")
        expectMistake(rule("{ on: [oom], then: fail }"), at: 5, 36, "or out-of-memory")
        expectMistake(rule("{ on: 1, then: ignore }"), at: 5, 44, "expected restart, complete or fail")
        expectMistake(rule("{ on: [1, 1], then: fail }"), at: 5, 39, "keep one of them")
        expectMistake(rule("{ on: 1, then: fail }, { on: 1, then: restart }"), at: 5, 58, "the first holds")
    }

    @Test func rules() {
        expectMistake(service("restart: allways"), at: 5, 14, "did you mean \"always\"?")
        expectMistake(service("restart: { backoff: { initial: 10s, max: 1s } }"), at: 5, 36, "longer than max")
        expectMistake(service("restart: { backoff: { factor: 0.5 } }"), at: 5, 35, "a number from 1 to 100")
        expectMistake(service("restart: { limit: { restarts: 0 } }"), at: 5, 35, "from 1 to")
        expectMistake(service("stop: { signal: SIGTERM }"), at: 5, 21, "without SIG: TERM")
        expectMistake(service("stop: { signal: STOP }"), at: 5, 21, "expected TERM, INT")
        expectMistake(service("scale: { min: 3, max: 2 }"), at: 5, 19, "min is 3 and max is 2")
        expectMistake(service("scale: { max: 2, backlog_per_instance: 5 }"), at: 5, 44, "without a queue")
        expectMistake(service("scale: { max: 2, consumer_utilisation: 0.5 }"), at: 5, 44, "without a queue")
        expectMistake(service("scale: { max: 2, cool_down: 1s }"), at: 5, 33, "says nothing without a rule")
        expectMistake(service("scale: { cpu: 0 }"), at: 5, 19, "a number from 0.01 to 1024")
        expectMistake(service("scale: { cpu: 1, tolerance: 2 }"), at: 5, 33, "a number from 0 to 1")
        expectMistake(service("scale: { cpu: 1, down_after: 2d }"), at: 5, 34, "a duration from 0s to 1d")
        expectMistake(service("instances: 5\n    scale: { max: 2 }"), at: 5, 16, "scale allows 0 to 2")
        expectMistake(service("limits: { memory: lots }"), at: 5, 23, "a size of at least 1M")
        expectMistake(service("limits: { memory: 5 }"), at: 5, 23, "a size of at least 1M")
        expectMistake(service("limits: { cpu: 0 }"), at: 5, 20, "a number from 0.01")
    }

    @Test func addresses() {
        expectMistake(service("listen: 8080"), at: 5, 13, "write 127.0.0.1:8080")
        expectMistake(service("listen: 127.0.0.1:80800"), at: 5, 13, "a port is a number from 1 to 65535")
        expectMistake(service("listen: \"::1:8080\""), at: 5, 13, "in brackets")
        expectMistake(service("listen: \":8080\""), at: 5, 13, "0.0.0.0:8080")
        expectMistake(service("listen: [127.0.0.1:81, 127.0.0.1:81]"), at: 5, 28, "collides with 127.0.0.1:81 of service a")
        expectMistake(service("listen: 0.0.0.0:9900"), at: 5, 13, "collides with 127.0.0.1:9900 of the admin endpoint")
        expectMistake(service("listen: unix:../x"), at: 5, 13, "leave out")
        expectMistake("name: n\nadmin: { listen: 0.0.0.0:9900 }", at: 2, 18, "has no TLS")
        expectMistake("name: n\nadmin: { listen: db:9900 }", at: 2, 18, "has no TLS")
    }

    @Test func servers() {
        expectMistake("name: n\nbroker: {}", at: 2, 9, "neither \"managed: true\" nor a url")
        expectMistake("name: n\nbroker: { managed: false }", at: 2, 9, "neither")
        expectMistake("name: n\nbroker: { managed: true, url: amqp://h }", at: 2, 31, "but this one is managed")
        expectMistake("name: n\nbroker: { url: 'http://h:5672' }", at: 2, 16, "expected an address such as amqp://")
        expectMistake("name: n\ncache: { url: rediss://h }", at: 2, 15, "rediss is not supported")
        expectMistake("name: n\ndatabase: { url: postgres://u@h, password_file: a, password_variable: B }", at: 2, 11, "keep one")
        expectMistake("name: n\ndatabase: { url: postgres://u@h, password_variable: 'a b' }", at: 2, 53, "environment variable")
    }

    @Test(arguments: ["amqp://u:geheim@h/", "amqp://u:ge/heim@h/", "amqp://u:ge@heim@h/", "amqp://u@h/?password=geheim"])
    func aPasswordIsRefusedAndNotRepeated(url: String) {
        let found = mistakes("name: n\nbroker: { url: \"\(url)\" }")
        #expect(found.count == 1)
        #expect(found.first?.message.contains("holds a password") == true)
        #expect(found.first?.message.contains("heim") == false)
    }

    @Test func messaging() {
        expectMistake(queue("type: quorum\n    durable: false"), at: 7, 11, "always durable")
        expectMistake(queue("durable: false\n    retry: { immediate: 1 }"), at: 8, 12, "no retries")
        expectMistake(queue("prefetch: 0"), at: 7, 15, "from 1 to 65535")
        expectMistake(queue("retry: { delays: [1s, soon] }"), at: 7, 27, "queues.q.retry.delays[1]: found \"soon\"")
        expectMistake(queue("retry: { delays: [1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s] }"), at: 7, 22, "at most 10")
        expectMistake(queue("bindings: [{ exchange: g, key: a }]"), at: 7, 28, "there is no exchange \"g\"")
        expectMistake(queue("bindings: [{ exchange: e }]"), at: 7, 16, "\"key\" is missing")
        expectMistake(queue("bindings: [{ exchange: f }, { exchange: f }]"), at: 7, 33, "the same binding")
        expectMistake("name: n\nexchanges: { amq.topic: {} }", at: 2, 14, "cannot begin with \"amq.\"")
        expectMistake("name: n\nexchanges: { 'a b': {} }", at: 2, 14, "expected a name of letters")
        expectMistake("name: n\nexchanges: { e: { type: topics } }", at: 2, 25, "did you mean \"topic\"?")
    }

    @Test func routes() {
        expectMistake(route("{ path: a, service: a }"), at: 5, 13, "write /a")
        expectMistake(route("{ path: /a/, service: a }"), at: 5, 13, "without \"/\" at its end")
        expectMistake(route("{ path: /a/../b, service: a }"), at: 5, 13, "\"..\"")
        expectMistake(route("{ path: '/a?b', service: a }"), at: 5, 13, "without spaces")
        expectMistake(route("{ path: /a, service: a, queue: q }"), at: 5, 5, "both service and queue")
        expectMistake(route("{ path: /a, service: b }"), at: 5, 26, "there is no service \"b\"", "did you mean \"a\"?")
        expectMistake(route("{ path: /a, queue: p }"), at: 5, 24, "there is no queue \"p\"")
        expectMistake(route("{ path: /a, service: a, methods: [get] }"), at: 5, 39, "did you mean \"GET\"?")
        expectMistake(route("{ path: /a, service: a, methods: [GET, GET] }"), at: 5, 44, "stands twice")
        expectMistake(route("{ path: /a, service: a, methods: [] }"), at: 5, 38, "leave it out for all")
        expectMistake(route("{ path: /a, service: a, reply_mode: direct }"), at: 5, 41, "for routes to a queue")
        expectMistake(route("{ path: /a, service: a, methods: [POST], cache: { ttl: 1s } }"), at: 5, 53, "only answers to GET")
        expectMistake(
            route("{ path: /a, service: a, methods: [GET] }\n  - { path: /a, queue: q, methods: [POST, GET] }"), at: 6, 5, "in line 5",
            "with GET already")
        expectMistake(route("{ path: /a, service: a }\n  - { path: /a, queue: q, methods: [POST] }"), at: 6, 5, "in line 5")
        #expect(mistakes(route("{ path: /a, service: a, methods: [GET] }\n  - { path: /a, queue: q, methods: [POST] }")).isEmpty)
    }
}
