struct TraceFolderEntry: Sendable, Equatable {
    var name: String
    /// Neither a folder nor a link nor anything else.
    var isFile: Bool
    /// Bytes.
    var size: Int
    /// Seconds since 1970.
    var modified: Int
}
