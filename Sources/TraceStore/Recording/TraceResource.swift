/// Which process the spans are of.
package struct TraceResource: Sendable, Equatable {
    package var service: String
    package var instance: String
    package var process: Int32

    package init(service: String, instance: String, process: Int32) {
        self.service = service
        self.instance = instance
        self.process = process
    }

    /// By OpenTelemetry's names.
    var attributes: [(String, SpanValue)] {
        [
            ("service.name", .string(service)), ("service.instance.id", .string("\(service)/\(instance)")),
            ("process.pid", .int(Int64(process))),
        ]
    }
}
