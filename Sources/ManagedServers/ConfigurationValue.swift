/// Names and passwords go into configuration files of three syntaxes: only what means itself in all of them is let in.
enum ConfigurationValue {
    static func check(_ value: String, _ what: String) throws(ManagedServerError) {
        let isPlain = value.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
            default: false
            }
        }
        guard isPlain, !value.isEmpty, value.utf8.count <= 128 else {
            throw ManagedServerError(.invalidValue, "the \(what) must be 1 to 128 letters, digits, '-', '_' or '.'")
        }
    }

    static func check(port: Int, _ what: String) throws(ManagedServerError) {
        guard (1...65_535).contains(port) else {
            throw ManagedServerError(.invalidValue, "the \(what) \(port) is no TCP port: use 1 to 65535")
        }
    }
}
