/// What a caller found where the recorded contracts are looked for. Nothing here reads a file itself.
package enum ContractSource: Sendable {
    /// Nobody looked: contracts are left out of the checks.
    case unread
    /// There is no such folder.
    case absent
    case unreadable(String)
    case files([ContractFile])
}

/// One file of the folder.
package struct ContractFile: Sendable {
    /// With the folder, as a person finds it.
    package var path: String
    package var text: String

    package init(path: String, text: String) {
        self.path = path
        self.text = text
    }
}
