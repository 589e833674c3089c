/// One line as the keeper writes it, `2026-11-21T12:00:00.123456Z out text`, taken apart without copying it.
struct LogLineParts {
    private static let textStart = LogTimestamp.length + 5

    /// None: the line is not of that form, and all of it is text.
    var time: LogTimestamp
    var isError: Bool
    var text: UnsafeRawBufferPointer

    init(_ line: UnsafeRawBufferPointer) {
        time = .none
        isError = false
        text = line
        guard line.count >= Self.textStart, line[27] == UInt8(ascii: " "), line[31] == UInt8(ascii: " "),
            let stamp = LogTimestamp(line)
        else { return }
        switch (line[28], line[29], line[30]) {
        case (UInt8(ascii: "o"), UInt8(ascii: "u"), UInt8(ascii: "t")): isError = false
        case (UInt8(ascii: "e"), UInt8(ascii: "r"), UInt8(ascii: "r")): isError = true
        default: return
        }
        time = stamp
        text = UnsafeRawBufferPointer(rebasing: line[Self.textStart...])
    }
}
