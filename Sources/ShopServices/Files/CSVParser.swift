/// Reads RFC 4180's comma-separated values piece by piece: quoted fields may hold commas, line ends and doubled quotes; lines end with LF or
/// CRLF. Pure: bytes in, rows out.
struct CSVParser {
    /// A quoted field that never ends must not fill the memory.
    static let maximumRowBytes = 1 << 20

    struct RowTooLong: Error {
        var row: Int
    }

    private enum State {
        case fieldStart, plain, quoted, quoteInQuoted
    }

    private var state = State.fieldStart
    private var field: [UInt8] = []
    private var row: [String] = []
    private var rowBytes = 0
    private var rowCount = 0

    /// - Returns: the rows that ended within `bytes`.
    mutating func feed(_ bytes: some Sequence<UInt8>) throws(RowTooLong) -> [[String]] {
        var rows: [[String]] = []
        for byte in bytes {
            rowBytes += 1
            guard rowBytes <= Self.maximumRowBytes else { throw RowTooLong(row: rowCount + 1) }
            switch (state, byte) {
            case (.quoted, UInt8(ascii: "\"")): state = .quoteInQuoted
            case (.quoted, _): field.append(byte)
            case (.quoteInQuoted, UInt8(ascii: "\"")):
                field.append(byte)
                state = .quoted
            case (.fieldStart, UInt8(ascii: "\"")): state = .quoted
            case (_, UInt8(ascii: ",")): endField()
            case (_, UInt8(ascii: "\n")): if let row = endRow() { rows.append(row) }
            default:
                field.append(byte)
                state = .plain
            }
        }
        return rows
    }

    /// - Returns: the last row, when the text does not end with a line end.
    mutating func finish() -> [String]? {
        endRow()
    }

    private mutating func endField() {
        row.append(String(decoding: field, as: UTF8.self))
        field.removeAll(keepingCapacity: true)
        state = .fieldStart
    }

    private mutating func endRow() -> [String]? {
        if field.last == UInt8(ascii: "\r") { field.removeLast() }
        // An empty line is no row.
        let isEmpty = row.isEmpty && field.isEmpty && state != .quoteInQuoted
        endField()
        defer {
            row = []
            rowBytes = 0
        }
        if isEmpty { return nil }
        rowCount += 1
        return row
    }
}
