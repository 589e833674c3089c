/// `order`, or `order/2`: a service, or one instance of it.
struct ServiceName: Equatable {
    var service: String
    var instance: Int?

    var text: String { instance.map { "\(service)/\($0)" } ?? service }

    /// - Throws: what is wrong with it.
    init(_ text: String) throws(CommandFailure) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first, !first.isEmpty, parts.count <= 2 else { throw Self.failure(text) }
        service = first
        if parts.count == 2 {
            guard let number = Int(parts[1]), number > 0 else { throw Self.failure(text) }
            instance = number
        }
    }

    private static func failure(_ text: String) -> CommandFailure {
        CommandFailure("'\(text)' names neither a service nor an instance. Write order, or order/2 for its second instance.", status: 64)
    }
}
