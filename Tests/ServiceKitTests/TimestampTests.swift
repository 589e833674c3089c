@testable import ServiceKit
import Testing

struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (951_782_400_000_001, "2000-02-29T00:00:00.000001Z"),
            (-1, "1969-12-31T23:59:59.999999Z"), (4_102_444_799_999_999, "2099-12-31T23:59:59.999999Z"),
        ] as [(Int64, String)])
    func thereAndBack(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).description == text)
        #expect(Timestamp(text)?.microseconds == microseconds)
    }

    @Test func offsetsAndFractions() {
        #expect(Timestamp("2026-11-21T13:30:00+01:30") == Timestamp("2026-11-21T12:00:00Z"))
        #expect(Timestamp("2026-11-21t12:00:00.5z")?.microseconds == Timestamp("2026-11-21T12:00:00.500000Z")?.microseconds)
        #expect(Timestamp("2026-11-21T12:00:00.123456789Z") == Timestamp("2026-11-21T12:00:00.123456Z"))
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-13-01T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T12:00:00", "2026-11-21T12:00:00.Z",
        "x026-11-21T12:00:00Z", "2026-11-21T12:00:00Zx",
    ])
    func othersAreNone(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func httpDates() {
        #expect(HTTPDate.text(of: Timestamp(microseconds: 784_111_777_000_000)) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate.text(of: Timestamp(microseconds: 0)) == "Thu, 01 Jan 1970 00:00:00 GMT")
    }
}
