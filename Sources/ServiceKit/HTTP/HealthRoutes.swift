import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import Postgres

/// `/health/live`, `/health/ready` and `/metrics`.
enum HealthRoutes {
    static let live = "/health/live"
    static let ready = "/health/ready"
    static let metrics = "/metrics"
    static let paths: Set<String> = [live, ready, metrics]

    private static let metricsType = "text/plain; version=0.0.4; charset=utf-8"
    /// For counting the outbox: a scrape must not hang on a database that is away.
    private static let countPatience: Duration = .milliseconds(500)

    private struct LiveDocument: Encodable {
        var status = "live"
    }

    private struct ReadyDocument: Encodable {
        var status: String
        /// "ok", or what is missing.
        var checks: [String: String]
    }

    static func add(to router: ServiceRouter, parts: ServiceParts) {
        router.get("/health/live") { _, _ in
            document(LiveDocument(), status: .ok)
        }
        router.get("/health/ready") { _, _ in
            let checks = await parts.checks()
            let isReady = parts.isReady(checks)
            let isWhole = checks.values.allSatisfy { $0 == nil }
            return document(
                ReadyDocument(status: isWhole ? "ready" : isReady ? "degraded" : "not ready", checks: checks.mapValues { $0 ?? "ok" }),
                status: isReady ? .ok : .serviceUnavailable)
        }
        router.get("/metrics") { _, _ in
            if let database = parts.database, let pending = try? await count(database) { parts.metrics.set(.pending, to: Double(pending)) }
            parts.tracing.report(to: parts.metrics)
            return response(Array(parts.metrics.text.utf8), type: metricsType, status: .ok)
        }
    }

    private static func count(_ database: Database) async throws -> Int {
        try await database.pool.withConnection(deadline: .now + countPatience) { connection in
            try await connection.query(OutboxTable.count).first?.get("pending", as: Int.self) ?? 0
        }
    }

    private static func document(_ value: some Encodable, status: HTTPResponse.Status) -> Response {
        response((try? [UInt8](JSON.encoder().encode(value))) ?? [], type: "application/json", status: status)
    }

    private static func response(_ body: [UInt8], type: String, status: HTTPResponse.Status) -> Response {
        Response(
            status: status, headers: [.contentType: type, .contentLength: String(body.count)],
            body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }
}
