import AMQP
import FoundationEssentials

extension DeadLetterDetail {
    init(_ summary: DeadLetterSummary, _ message: AMQPMessage, edit: EditStore.Edit?, before: [String]) {
        let properties = message.properties
        let (original, isBase64) = Self.text(message.body)
        let edited = edit.map { Self.text($0.body) }
        self.init(
            summary: summary, cause: LetterReading(message).cause, explanation: DeathExplanation(properties.headers)?.explanation,
            messageID: properties.messageID, contentType: properties.contentType, correlationID: properties.correlationID,
            source: properties.appID, publishedAt: LetterReading.publishedAt(message).map(LetterTime.text),
            headers: properties.headers.mapValues(\.shown), body: edited?.text ?? original, isBase64: edited?.isBase64 ?? isBase64,
            editedAt: edit.map { LetterTime.text($0.time) }, originalBody: edit == nil ? nil : original, before: before)
    }

    private static func text(_ bytes: [UInt8]) -> (text: String, isBase64: Bool) {
        if let text = String(validating: bytes, as: UTF8.self) { return (text, false) }
        return (Data(bytes).base64EncodedString(), true)
    }
}

extension AMQPValue {
    /// For a person.
    fileprivate var shown: String {
        switch self {
        case .null: "null"
        case .bool(let value): String(value)
        case .int(let value): String(value)
        case .double(let value): String(value)
        case .string(let value): value
        case .bytes(let value): String(validating: value, as: UTF8.self) ?? Data(value).base64EncodedString()
        case .timestamp(let value): LetterTime.text(value)
        case .array(let values): "[" + values.map(\.shown).joined(separator: ", ") + "]"
        case .table(let values):
            "{" + values.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.shown)" }.joined(separator: ", ") + "}"
        }
    }
}
