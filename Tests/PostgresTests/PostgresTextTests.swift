import Foundation
import Testing

@testable import Postgres

@Suite struct PostgresTextTests {
    @Test(arguments: [
        ("2026-11-21 12:00:00.123456+00", 1_795_262_400.123456),
        ("2026-11-21 12:00:00.5+00", 1_795_262_400.5),
        ("2026-11-21 14:30:00+02:30", 1_795_262_400),
        ("2026-11-21 07:00:00-05", 1_795_262_400),
        ("2026-11-21 12:00:00", 1_795_262_400),
        ("2026-11-21", 1_795_219_200),
        ("1969-12-31 23:59:59.999999+00", -0.000001),
        ("1600-02-29 00:00:00+00", -11_670_998_400),
    ])
    func readsPointsInTime(text: String, seconds: Double) throws {
        let date = try #require(PostgresTimestamp.date(text))
        #expect(abs(date.timeIntervalSince1970 - seconds) < 0.000_000_5)
    }

    @Test(arguments: ["", "infinity", "0044-03-15 00:00:00+00 BC", "2026-13-01", "2026-11-21 12:00", "2026-11-21 12:00:00+", "x2026-01-01"])
    func refusesWhatIsNoPointInTime(text: String) {
        #expect(PostgresTimestamp.date(text) == nil)
    }

    @Test(arguments: [0, 0.000001, -0.000001, 1_795_262_400.123456, -62_135_596_800, 951_782_400, 253_402_300_799.999999])
    func writesWhatItReads(seconds: Double) throws {
        let text = try #require(PostgresTimestamp.text(of: Date(timeIntervalSince1970: seconds)))
        let date = try #require(PostgresTimestamp.date(text))
        #expect(abs(date.timeIntervalSince1970 - seconds) < 0.000_05)
    }

    @Test func writesArraysWithEveryElementQuoted() {
        let value: PostgresValue = .array(["a", "NULL", nil, "\"\\,{}", 1])
        #expect(value.text == #"{"a","NULL",NULL,"\"\\,{}","1"}"#)
        #expect(PostgresText.array(value.text ?? "") == ["a", "NULL", nil, "\"\\,{}", "1"])
    }

    @Test(arguments: ["", "{", "a", "{{1},{2}}", #"{"a}"#, #"{"a"b}"#])
    func refusesWhatIsNoArray(text: String) {
        #expect(PostgresText.array(text) == nil)
    }

    @Test(arguments: ["", "\\x1", "\\xzz", "deadbeef"])
    func refusesWhatIsNoBytea(text: String) {
        #expect(PostgresText.bytes(text) == nil)
    }

    @Test func tellsWhetherAFailureToConnectMayPass() {
        let wrong = ConnectFailure(
            message: """
                connection to server at "127.0.0.1", port 5432 failed: FATAL:  28P01: password authentication failed for user "x"
                LOCATION:  auth_failed, auth.c:330
                """)
        #expect(wrong.sqlState == "28P01" && !wrong.isTransient)
        #expect(
            wrong.reason
                == #"connection to server at "127.0.0.1", port 5432 failed: FATAL:  password authentication failed for user "x""#)
        let starting = ConnectFailure(message: "connection to server failed: FATAL:  57P03: the database system is starting up\n")
        #expect(starting.isTransient)
        #expect(ConnectFailure(message: "connection to server at \"::1\", port 5432 failed: Connection refused\n").isTransient)
        #expect(ConnectFailure(message: "").isTransient)
    }
}
