import Foundation
import TestSupport

@testable import TraceStore

let resource = TraceResource(service: "order", instance: "2", process: 4711)

func span(
    _ name: String, trace: TraceID = .random(), id: SpanID = .random(), parent: SpanID? = nil, start: UInt64 = 1_000, end: UInt64 = 2_000,
    attributes: SpanAttributeList = [:], outcome: SpanOutcome = .unset
) -> FinishedSpan {
    FinishedSpan(
        context: SpanContext(traceID: trace, spanID: id, isSampled: true), parent: parent, name: name, kind: .internal, start: start,
        end: end,
        attributes: attributes, outcome: outcome)
}

func recorded(
    _ name: String, trace: TraceID, id: SpanID, parent: SpanID? = nil, start: UInt64 = 1_000, end: UInt64 = 2_000,
    service: String = "order",
    attributes: [String: String] = [:], error: String? = nil
) -> RecordedSpan {
    RecordedSpan(
        service: service, instance: "1", traceID: trace, spanID: id, parent: parent, name: name, kind: .internal, start: start, end: end,
        attributes: attributes, error: error)
}

/// A sink that writes what it has at once into `folder`.
func sink(_ folder: String, maximumFileSize: Int = SpanFileWriter.maximumFileSize, _ variables: [String: String] = [:]) -> SpanSink {
    let environment = variables.merging([TraceSettings.folderVariable: folder]) { own, _ in own }
    return SpanSink(resource: resource, settings: TraceSettings(environment), gathering: 0, maximumFileSize: maximumFileSize)
}

func files(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
}
