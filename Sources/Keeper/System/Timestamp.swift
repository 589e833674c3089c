internal import CLinux
import Glibc

/// What stands before each line of a log, `2026-11-21T12:00:00.123456Z out `, made thousands of times a second: date and time of day are
/// formatted once a second.
struct Timestamp {
    /// Bytes of a stamp: 27 of time, the stream's name of three letters between blanks.
    typealias Stamp = SIMD32<UInt8>
    static let length = 32
    static let timeLength = 27

    private static let firstDigitOfMicroseconds = 20
    private static let digitsOfMicroseconds = 6

    private var second: time_t = -1
    private var stamp = Stamp(repeating: UInt8(ascii: " "))

    /// Unix seconds, now.
    static var now: Double {
        seconds(realTime())
    }

    static func seconds(_ time: timespec) -> Double {
        Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static func realTime() -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time
    }

    mutating func stamp(_ time: timespec, tag: StreamTag) -> Stamp {
        if time.tv_sec != second { begin(time.tv_sec) }
        var rest = time.tv_nsec / 1000
        for index in (0..<Self.digitsOfMicroseconds).reversed() {
            stamp[Self.firstDigitOfMicroseconds + index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        for (index, letter) in tag.rawValue.utf8.prefix(3).enumerated() { stamp[Self.timeLength + 1 + index] = letter }
        return stamp
    }

    /// The time alone.
    mutating func text(_ time: timespec) -> String {
        let stamp = stamp(time, tag: .out)
        return String(decoding: stamp.indices.prefix(Self.timeLength).map { stamp[$0] }, as: UTF8.self)
    }

    private mutating func begin(_ second: time_t) {
        self.second = second
        var seconds = second
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func place(_ number: Int32, _ count: Int, at start: Int) {
            var rest = max(number, 0)
            for index in (start..<start + count).reversed() {
                stamp[index] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
        }
        place(parts.tm_year + 1900, 4, at: 0)
        place(parts.tm_mon + 1, 2, at: 5)
        place(parts.tm_mday, 2, at: 8)
        place(parts.tm_hour, 2, at: 11)
        place(parts.tm_min, 2, at: 14)
        place(parts.tm_sec, 2, at: 17)
        for (index, mark) in zip([4, 7, 10, 13, 16, 19, 26], "--T::.Z".utf8) { stamp[index] = mark }
    }
}
