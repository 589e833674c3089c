struct UpgradeRequest: Encodable {
    /// Absolute; nil: the same path.
    var executable: String?
}
