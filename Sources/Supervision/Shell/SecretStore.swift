/// Passwords that Signalbox has made, each in a file of its own that only its user can read. They stay the same for as long as the files do.
struct SecretStore: Sendable {
    /// Of 62 letters and digits: 190 bits.
    static let length = 32

    private let folder: String

    init(folder: String) { self.folder = folder }

    /// For telling whether a secret has changed.
    var fingerprintKey: KeyedHash {
        get throws(SupervisorError) { KeyedHash(key: try secret("fingerprint-key").utf8) }
    }

    func secret(_ name: String) throws(SupervisorError) -> String {
        let path = "\(folder)/\(name)"
        if let bytes = try StateFile.read(path) {
            let secret = String(decoding: bytes, as: UTF8.self)
            if secret.utf8.count == Self.length { return secret }
        }
        let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
        var random = SystemRandomNumberGenerator()
        let secret = String((0..<Self.length).map { _ in letters[Int.random(in: 0..<letters.count, using: &random)] })
        try StateFile.write(secret.utf8, to: path, mode: 0o600)
        return secret
    }
}
