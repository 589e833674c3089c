import Testing

@testable import Topology

/// A file in which every key of the format stands.
let wholeFile = """
    name: shop

    broker:   { managed: true }
    database: { url: "postgres://shop@db.internal:5432/shop", password_file: secrets/database }
    cache:    { url: redis://cache.internal:6379/0, password_variable: CACHE_PASSWORD }

    admin: { listen: 127.0.0.1:9900 }
    logs: { to: both, max_size: 8M, keep: 9, max_age: 7d }
    contracts: recorded

    services:
      gateway:
        command: signalbox gateway
        listen: [127.0.0.1:8080, "[::1]:8080", unix:run/gateway.sock]
        depends_on: [broker]
      order:
        command: [shop, order, --verbose]
        working_directory: work
        user: shop
        group: www-data
        umask: "027"
        instances: 2
        depends_on:
          broker:
          database: ready
          migrate: { condition: completed }
        startup:   { notify: true, initial_delay: 100ms, timeout: 2s, jitter: 0.5 }
        readiness: { http: /health/ready, period: 1s, timeout: 1s, failure_threshold: 3, success_threshold: 2 }
        liveness:  { http: /health/live, period: 5s }
        restart:   { policy: always, backoff: { initial: 100ms, factor: 2, max: 30s }, limit: { restarts: 10, within: 60s },
                     exceptions: [{ on: [78, SEGV, out-of-memory], then: fail }, { on: 75, then: restart }] }
        watchdog:  10s
        stop:      { signal: TERM, grace: 20s }
        update:    { overlap: false, ready_within: 90s }
        scale:     { min: 1, max: 4, queue: order.requests, backlog_per_instance: 200, consumer_utilisation: 0.5, cpu: 0.8,
                     tolerance: 0.2, up_after: 1s, down_after: 1m, cool_down: 10s }
        environment: { LOG_LEVEL: info, PAGE_SIZE: 50, DEBUG: true, EMPTY: "" }
        secrets: { STRIPE_KEY: { file: secrets/stripe }, SMTP_URL: { credential: smtp-url } }
        limits:    { memory: 256M, cpu: 1.5, open_files: 4096, processes: 64 }
        publishes: [shop.events]
        logs: { to: files, keep: 2 }
      payment:
        command: shop payment --provider 'built in'
        depends_on: [broker]
        publishes: [{ exchange: shop.audit, events: [payment.success, payment.failed] }]
        readiness: { tcp: true }
        liveness: { exec: [shop, check] }
      files: { command: shop files, depends_on: [broker] }
      migrate: { command: shop migrate, type: one-shot }
      report:
        command: shop report
        schedule: { cron: "0 3 * * MON-FRI", time_zone: Europe/Berlin, overlap: replace, start_deadline: 1h }
      probed:
        command: probed
        startup: { postgres: "unix:/run/postgresql/.s.PGSQL.5432" }
        readiness: { amqp: true }
        liveness: { redis: "127.0.0.1:6379" }
      socket: { command: socket, liveness: { unix: run/x.sock } }

    exchanges:
      shop.events: { type: topic }
      shop.audit: { type: fanout, durable: true, external: true }

    queues:
      order.requests: { consumer: order, single_active_consumer: true }
      payment.orders:
        bindings: [{ exchange: shop.events, key: inventory.reserved }, { exchange: shop.audit }]
        consumer: payment
        prefetch: 64
        retry: { immediate: 2, delays: [1s, 5s, 30s, 2m] }
        max_length: 100000
        message_ttl: 1h
      FileBrowser: { consumer: files, type: classic, durable: false }

    routes:
      - { path: /order,     methods: [GET, POST], service: order,     rewrite: /api/order }
      - { path: /inventory, methods: [GET],       service: order, rewrite: /api/inventory, cache: { ttl: 30s, invalidate_on: [inventory.updated] } }
      - { path: /files,     methods: [GET],       queue: FileBrowser, timeout: 5s, reply_mode: direct }
    """

func mistakes(_ yaml: String, sourceLocation: SourceLocation = #_sourceLocation) -> [TopologyMistake] {
    do {
        _ = try Topology.parse(yaml, file: "t.yaml")
        return []
    } catch {
        #expect(!error.mistakes.isEmpty, sourceLocation: sourceLocation)
        return error.mistakes
    }
}

/// Expects exactly this one mistake, at the place, with the words in its message.
func expectMistake(
    _ yaml: String, at line: Int, _ column: Int, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
) {
    let found = mistakes(yaml, sourceLocation: sourceLocation)
    #expect(found.count == 1, "\(found.map(\.description))", sourceLocation: sourceLocation)
    guard let mistake = found.first else { return }
    #expect("\(mistake.line):\(mistake.column)" == "\(line):\(column)", "\(mistake)", sourceLocation: sourceLocation)
    for word in words { #expect(mistake.message.contains(word), "\(mistake)", sourceLocation: sourceLocation) }
}
