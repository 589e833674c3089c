/// How much of the traces is kept, and for how long.
package struct TraceRetention: Sendable, Equatable {
    package static let defaultMaximumSize = 256 << 20
    package static let defaultMaximumAge = 7 * 86_400

    /// Bytes of all files.
    var maximumSize: Int
    /// Seconds since a file was last written to.
    var maximumAge: Int

    package init(maximumSize: Int = defaultMaximumSize, maximumAge: Int = defaultMaximumAge) {
        self.maximumSize = maximumSize
        self.maximumAge = maximumAge
    }

    /// What has to go: what no process of ours puts there, what is too old, and then the oldest until the rest fits.
    ///
    /// - Parameter now: seconds since 1970.
    func surplus(of entries: [TraceFolderEntry], now: Int) -> [TraceFolderEntry] {
        var surplus: [TraceFolderEntry] = []
        var kept = 0
        // The newest first, so that the oldest are those for which there is no room.
        for entry in entries.sorted(by: { ($0.modified, $0.name) > ($1.modified, $1.name) }) {
            let isOurs = entry.isFile && entry.name.hasSuffix(SpanFileWriter.suffix)
            let (size, isOverflow) = kept.addingReportingOverflow(entry.size)
            if isOurs, now - entry.modified <= maximumAge, !isOverflow, size <= maximumSize {
                kept = size
            } else {
                surplus.append(entry)
            }
        }
        return surplus
    }
}
