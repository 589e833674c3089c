package import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore

extension JSONEncoder {
    /// As the admin endpoint and the command line write JSON: always in the same order, slashes as they are.
    package static func admin() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}

extension Response {
    /// A whole JSON answer that ends with a newline, so that a terminal's prompt stays where it belongs.
    init(json value: some Encodable, status: HTTPResponse.Status = .ok, contentType: String = "application/json") {
        guard var data = try? JSONEncoder.admin().encode(value) else {
            // Only a number that is not finite cannot be written.
            self.init(status: .internalServerError)
            return
        }
        data.append(UInt8(ascii: "\n"))
        self.init(status: status, text: data, contentType: contentType)
    }

    init(status: HTTPResponse.Status = .ok, text: some Sequence<UInt8>, contentType: String) {
        self.init(
            status: status, headers: [.contentType: contentType, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: text)))
    }
}
