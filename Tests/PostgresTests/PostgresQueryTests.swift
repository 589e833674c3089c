import Foundation
import Postgres
import TestSupport
import Testing

@Suite struct PostgresQueryTests {
    @Test func everyTypeComesBackAsItWent() async throws {
        let database = try await TestDatabase.make()
        try await database.execute(
            """
            CREATE TABLE everything (
                i2 smallint, i4 integer, i8 bigint, f8 double precision, n numeric, t text, b boolean, y bytea, u uuid, j jsonb,
                ts timestamptz, d date, a text[], ai bigint[], nothing text)
            """)
        let uuid = UUID()
        let date = Date(timeIntervalSince1970: 1_795_262_400.123456)
        let bytes = (0...255).map { UInt8($0) }
        let inserted = try await database.execute(
            "INSERT INTO everything VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            [
                -7, 2_000_000_000, Int64.min, 0.1 + 0.2, 12345.678, "zwölf ' \" \\ 🚦", true, bytes, uuid,
                PostgresValue.json(#"{"k": [1, null]}"#), date, "2026-02-28", ["a", "b,c", "", "NULL", "\"\\"], [1, 2], String?.none,
            ] as [any PostgresEncodable])
        #expect(inserted == 1)
        let row = try #require(try await database.query("SELECT * FROM everything").first)
        #expect(try row.get("i2") == -7)
        #expect(try row.get("i4", as: Int32.self) == 2_000_000_000)
        #expect(try row.get("i8", as: Int64.self) == .min)
        #expect(try row.get("f8") == 0.1 + 0.2)
        #expect(try row.get("n") == 12345.678)
        #expect(try row.get("t") == "zwölf ' \" \\ 🚦")
        #expect(try row.get("b") == true)
        #expect(try row.get("y", as: [UInt8].self) == bytes)
        #expect(try row.get("y", as: Data.self) == Data(bytes))
        #expect(try row.get("u") == uuid)
        #expect(try row.get("j", as: String.self) == #"{"k": [1, null]}"#)
        #expect(abs(try row.get("ts", as: Date.self).timeIntervalSince(date)) < 0.000_001)
        #expect(try row.get("d", as: Date.self) == Date(timeIntervalSince1970: 1_772_236_800))
        #expect(try row.get("a") == ["a", "b,c", "", "NULL", "\"\\"])
        #expect(try row.get("ai", as: [Int].self) == [1, 2])
        #expect(try row.get("nothing", as: String?.self) == nil)
        #expect(row["i8"] == .int(.min) && row["b"] == true && row["nothing"] == .null && row["unknown"] == nil)
        #expect(throws: PostgresError.self) { try row.get("nothing", as: String.self) }
        #expect(throws: PostgresError.self) { try row.get("t", as: Int.self) }
        #expect(throws: PostgresError.self) { try row.get("missing", as: Int.self) }
    }

    @Test func noParameterBecomesSQL() async throws {
        let database = try await TestDatabase.make()
        try await database.execute("CREATE TABLE t (v text)")
        let attacks = ["'; DROP TABLE t; --", "\\'; DROP TABLE t; --", "$1", "${v}", "'' OR 1=1", "\u{feff}'", "%s%n"]
        for attack in attacks {
            try await database.execute("INSERT INTO t VALUES ($1)", [attack])
            let rows = try await database.query("SELECT v FROM t WHERE v = $1", [attack])
            #expect(try rows.map { try $0.get("v", as: String.self) } == [attack])
            let listed = try await database.query("SELECT count(*) AS n FROM t WHERE v = ANY($1)", [[attack, "x"]])
            #expect(try listed[0].get("n") == 1)
        }
        #expect(try await database.query("SELECT 1 FROM t").count == attacks.count)
    }

    @Test func aNULCharacterIsRefusedInsteadOfCutting() async throws {
        let database = try await TestDatabase.make()
        let error = await #expect(throws: PostgresError.self) { try await database.query("SELECT $1::text", ["admin\0x"]) }
        #expect(error?.code == .encoding)
    }

    @Test func errorsCarrySQLStateAndConstraintButNoValues() async throws {
        let database = try await TestDatabase.make()
        try await database.execute("CREATE TABLE people (email text CONSTRAINT people_email_key UNIQUE)")
        try await database.execute("INSERT INTO people VALUES ($1)", ["a@example.com"])
        let error = await #expect(throws: PostgresError.self) {
            try await database.execute("INSERT INTO people VALUES ($1)", ["a@example.com"])
        }
        #expect(error?.sqlState == "23505" && error?.isUniqueViolation == true && error?.constraint == "people_email_key")
        #expect(error?.description.contains("example.com") == false)
        // The connection is still good.
        #expect(try await database.query("SELECT 1 AS one")[0].get("one") == 1)
    }

    @Test func aLargeResultArrivesWhole() async throws {
        let database = try await TestDatabase.make()
        let rows = try await database.query(
            "SELECT i, repeat(chr(65 + (i % 26)::int), 1000) AS text FROM generate_series(1, 20000) AS i")
        #expect(rows.count == 20_000)
        let sum = try rows.reduce(0) { try $0 + $1.get("i", as: Int.self) }
        let areWhole = try rows.allSatisfy { try $0.get("text", as: String.self).utf8.count == 1000 }
        #expect(sum == 200_010_000 && areWhole)
    }

    @Test func aLargeParameterArrivesWhole() async throws {
        let database = try await TestDatabase.make()
        let bytes = [UInt8](repeating: 7, count: 20_000_000)
        #expect(try await database.query("SELECT length($1::bytea) AS n", [bytes])[0].get("n") == 20_000_000)
    }

    @Test func aScriptIsWholeOrNothing() async throws {
        let database = try await TestDatabase.make()
        await #expect(throws: PostgresError.self) {
            try await database.pool.withConnection(deadline: .soon) {
                try await $0.batch(script: "CREATE TABLE a (i int); INSERT INTO a VALUES (1); SELECT 1/0;")
            }
        }
        #expect(try await database.query("SELECT to_regclass('a') AS a")[0].get("a", as: String?.self) == nil)
        try await database.pool.withConnection(deadline: .soon) {
            try await $0.batch(script: "CREATE TABLE a (i int); INSERT INTO a VALUES (1); INSERT INTO a VALUES (2)")
        }
        #expect(try await database.query("SELECT * FROM a").count == 2)
    }

    @Test func copyIsRefusedAndThePoolGoesOn() async throws {
        let database = try await TestDatabase.make(maximumConnections: 1)
        let error = await #expect(throws: PostgresError.self) { try await database.query("COPY (SELECT 1) TO STDOUT") }
        #expect(error?.code == .unsupported)
        #expect(try await database.query("SELECT 1").count == 1)
    }

    @Test func tasksShareAConnectionOneAfterTheOther() async throws {
        let database = try await TestDatabase.make(maximumConnections: 1)
        try await database.pool.withConnection(deadline: .soon) { connection in
            async let first = connection.query("SELECT 1 AS n, pg_sleep(0.05)")
            async let second = connection.query("SELECT 2 AS n")
            let rows = try await (first, second)
            #expect(try rows.0[0].get("n") == 1)
            #expect(try rows.1[0].get("n") == 2)
        }
    }

    @Test func aHandleEndsWithItsScope() async throws {
        let database = try await TestDatabase.make()
        let escaped = try await database.pool.withConnection(deadline: .soon) { $0 }
        let error = await #expect(throws: PostgresError.self) { try await escaped.query("SELECT 1") }
        #expect(error?.code == .handleEnded)
    }
}
