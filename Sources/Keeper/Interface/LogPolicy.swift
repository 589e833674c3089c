/// Where the lines of a process go, and how much of them is kept.
package struct LogPolicy: Codable, Sendable, Equatable {
    package static let defaultMaximumSize = 16 << 20
    package static let defaultKeep = 4

    /// To `ProcessSpecification.logFile`. Where there is no journal, lines go there whatever this says.
    package var toFile: Bool
    /// To systemd's journal.
    package var toJournal: Bool
    /// Of each journal entry, for instance SIGNALBOX_SERVICE and SYSLOG_IDENTIFIER: names of upper case letters, digits and `_`, others are
    /// left out. MESSAGE and PRIORITY are the keeper's.
    package var fields: [String: String]
    /// Bytes of the file, at which the next is begun.
    package var maximumSize: Int
    /// Files beside the one that is written to: `.1` is the newest.
    package var keep: Int
    /// Seconds after which a file is closed; it is deleted at `keep + 1` times that. nil: by size alone.
    package var maximumAge: Double?

    package init(
        toFile: Bool = true, toJournal: Bool = false, fields: [String: String] = [:], maximumSize: Int = defaultMaximumSize,
        keep: Int = defaultKeep, maximumAge: Double? = nil
    ) {
        self.toFile = toFile
        self.toJournal = toJournal
        self.fields = fields
        self.maximumSize = maximumSize
        self.keep = keep
        self.maximumAge = maximumAge
    }
}
