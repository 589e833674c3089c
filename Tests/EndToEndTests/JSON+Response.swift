import HTTPClient
import TestSupport

extension JSON {
    init(_ response: HTTPClient.Response) throws {
        try self.init(parsing: response.text)
    }
}
