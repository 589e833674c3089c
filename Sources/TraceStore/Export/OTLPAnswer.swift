import FoundationEssentials
import HTTPClient

/// What a collector's answer means for the spans that it was sent (OTLP specification, "OTLP/HTTP response").
enum OTLPAnswer: Equatable {
    case accepted(rejected: Int)
    /// To be sent again, at the earliest after so many seconds where it says so.
    case later(seconds: Int?)
    case refused

    /// No collector makes an exporter wait longer.
    static let longestWait = 300

    private struct Document: Decodable {
        struct PartialSuccess: Decodable {
            // Protobuf's JSON has 64-bit numbers as strings; not every collector does.
            enum Count: Decodable {
                case number(Int)

                init(from decoder: any Decoder) throws {
                    let container = try decoder.singleValueContainer()
                    if let number = try? container.decode(Int.self) {
                        self = .number(number)
                    } else {
                        self = .number(Int(try container.decode(String.self)) ?? 0)
                    }
                }
            }
            var rejectedSpans: Count?
        }
        var partialSuccess: PartialSuccess?
    }

    init(_ response: HTTPClient.Response) {
        switch response.status {
        case 200..<300:
            var rejected = 0
            if let document = try? JSONDecoder().decode(Document.self, from: Data(response.body)),
                case .number(let count)? = document.partialSuccess?.rejectedSpans
            {
                rejected = max(0, count)
            }
            self = .accepted(rejected: rejected)
        case 429, 502, 503, 504:
            self = .later(seconds: response.header("Retry-After").flatMap(Int.init).map { min(max(0, $0), Self.longestWait) })
        default: self = .refused
        }
    }
}
