/// Where the output of processes goes, and how much of it is kept.
package struct LogRules: Sendable, Equatable {
    package enum Destination: String, Sendable, CaseIterable {
        case files, journal, both
    }

    package var destination: Destination
    /// Bytes of one file, at which the next is begun.
    package var maximumSize: Int
    /// Files of an instance beside the one that is written to.
    package var keep: Int
    /// A file is closed at this age, and deleted at `keep + 1` times it; nil: by size alone.
    package var maximumAge: Duration?

    package init(destination: Destination = .files, maximumSize: Int = 16 << 20, keep: Int = 4, maximumAge: Duration? = nil) {
        self.destination = destination
        self.maximumSize = maximumSize
        self.keep = keep
        self.maximumAge = maximumAge
    }
}
