/// Something that happened during a span: a span's event, in OpenTelemetry's words.
package struct SpanMoment: Sendable, Equatable {
    package var name: String
    /// Nanoseconds since 1970.
    package var time: UInt64
    package var attributes: SpanAttributeList

    package init(name: String, time: UInt64, attributes: SpanAttributeList = [:]) {
        self.name = name
        self.time = time
        self.attributes = attributes
    }

    var weight: Int { name.utf8.count + attributes.weight }
}
