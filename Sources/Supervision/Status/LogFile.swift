/// Where the keeper writes what an instance prints. The file need not exist yet; `.1`, `.2` … beside it are the older ones.
package struct LogFile: Codable, Sendable, Equatable {
    package var service: String
    package var instance: Int
    package var path: String

    package init(service: String, instance: Int, path: String) {
        self.service = service
        self.instance = instance
        self.path = path
    }
}
