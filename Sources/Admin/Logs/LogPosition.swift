/// A place in one instance's log: before a line, or at the end of what there is.
struct LogPosition: Sendable, Hashable {
    /// Before everything that is there.
    static let start = LogPosition(inode: 0, offset: 0, time: .none)

    /// Of the file, which keeps it when it is rotated. 0: no file has been seen; what is newer than `time` is meant.
    var inode: UInt
    var offset: Int
    /// Of the last line before the place, or of the line at it.
    var time: LogTimestamp
}
