import HTTPTypes

extension HTTPField.Name {
    /// For names written in this module alone.
    static func admin(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is no header name") }
        return name
    }
}
