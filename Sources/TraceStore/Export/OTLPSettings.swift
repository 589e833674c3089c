import HTTPClient

/// Where spans are exported to, by OpenTelemetry's variables (specification, "OpenTelemetry Protocol Exporter").
struct OTLPSettings: Sendable, Equatable {
    static let defaultPort = 80
    static let defaultTimeout = 10_000
    static let longestTimeout = 60_000

    var address: HTTPClient.Address
    var path: String
    /// As given; values may be secret.
    var headers: [Header] = []
    var timeout: Duration = .milliseconds(defaultTimeout)

    struct Header: Sendable, Equatable {
        var name: String
        var value: String
    }

    /// Nil where no collector is named.
    ///
    /// - Throws: `.invalidEnvironment` naming the variable, and what was expected.
    init?(_ environment: [String: String]) throws(TraceStoreError) {
        func value(_ name: String) -> String? {
            (environment["OTEL_EXPORTER_OTLP_TRACES_\(name)"] ?? environment["OTEL_EXPORTER_OTLP_\(name)"]).flatMap {
                $0.isEmpty ? nil : $0
            }
        }
        let isWhole = environment["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"].map { !$0.isEmpty } ?? false
        guard let endpoint = value("ENDPOINT") else { return nil }
        let variable = isWhole ? "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" : "OTEL_EXPORTER_OTLP_ENDPOINT"
        guard let (address, base) = Self.parse(endpoint) else {
            throw TraceStoreError(
                .invalidEnvironment,
                "\(variable) is not http://<host>[:<port>][/<path>], so that no spans are exported. For a collector that wants TLS, run an OpenTelemetry collector on this host that passes them on."
            )
        }
        self.address = address
        path = isWhole ? (base.isEmpty ? "/" : base) : (base.hasSuffix("/") ? String(base.dropLast()) : base) + "/v1/traces"
        headers = Self.headers(value("HEADERS") ?? "")
        if let text = value("TIMEOUT"), let milliseconds = Int(text), (1...Self.longestTimeout).contains(milliseconds) {
            timeout = .milliseconds(milliseconds)
        }
    }

    private static func parse(_ endpoint: String) -> (HTTPClient.Address, path: String)? {
        guard endpoint.hasPrefix("http://"), endpoint.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        let rest = endpoint.dropFirst("http://".count)
        let authority = rest.prefix { $0 != "/" }
        let path = String(rest.dropFirst(authority.count))
        guard !authority.contains("@"), !path.contains("?"), !path.contains("#") else { return nil }
        let host: Substring
        var port = String(defaultPort)
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            host = authority[authority.index(after: authority.startIndex)..<end]
            let after = authority[authority.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else { return nil }
            if !after.isEmpty { port = String(after.dropFirst()) }
        } else {
            let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2 else { return nil }
            host = parts[0]
            if parts.count == 2 { port = String(parts[1]) }
        }
        guard !host.isEmpty, let number = Int(port), (1...65535).contains(number) else { return nil }
        return (.tcp(host: String(host), port: number), path)
    }

    /// `name=value,name=value`, values percent-encoded (W3C Baggage). Pairs that could not be a header are left out.
    private static func headers(_ text: String) -> [Header] {
        text.split(separator: ",").compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            let name = parts[0].filter { $0 != " " }
            let value = percentDecoded(parts[1]).drop { $0 == " " }
            guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") }),
                value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f })
            else { return nil }
            return Header(name: name, value: String(value))
        }
    }

    private static func percentDecoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
