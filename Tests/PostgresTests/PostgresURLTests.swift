import Testing

@testable import Postgres

@Suite struct PostgresURLTests {
    @Test func takesAURLApart() throws {
        let url = try PostgresURL("postgres://order:p%40ss%3A%2Fword@db.internal:6543/shop?sslmode=verify-full&sslrootcert=/etc/ca.pem")
        #expect(url.host == "db.internal" && url.port == 6543 && url.user == "order" && url.password == "p@ss:/word")
        #expect(url.database == "shop" && url.options == ["sslmode": "verify-full", "sslrootcert": "/etc/ca.pem"])
    }

    @Test func fillsInWhatIsMissing() throws {
        let url = try PostgresURL("postgresql://order@[::1]")
        #expect(url.host == "::1" && url.port == 5432 && url.database == "order" && url.password == nil)
    }

    @Test(arguments: [
        "", "mysql://a@b", "postgres://host/db", "postgres://u:secret@h:0/db", "postgres://u:secret@h:x/db", "postgres://u:secret%4@h/db",
        "postgres://u:secret@h/db?password=secret", "postgres://u:secret%00@h/db",
    ])
    func refusesOthersWithoutShowingThem(text: String) {
        let error = #expect(throws: PostgresError.self) { try PostgresURL(text) }
        #expect(error?.code == .invalidURL)
        #expect(error?.message.contains("secret") == false)
    }

    @Test func thePlaceHoldsNoPassword() throws {
        let url = try PostgresURL("postgres://order:secret@127.0.0.1:5432/shop")
        #expect(url.place == "the database \"shop\" at 127.0.0.1:5432 as role \"order\"")
    }
}
