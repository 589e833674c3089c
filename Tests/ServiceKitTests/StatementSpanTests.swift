import Testing

@testable import ServiceKit

@Suite struct StatementSpanTests {
    @Test(arguments: [
        ("INSERT INTO orders (id) VALUES ($1)", "INSERT", "orders"), ("  select *\n from stock where id = $1", "SELECT", "stock"),
        ("UPDATE stock SET n = 1", "UPDATE", "stock"), ("DELETE FROM shop.cart", "DELETE", "shop.cart"),
        ("SELECT 1", "SELECT", nil), ("WITH a AS (SELECT 1) SELECT * FROM a", "WITH", nil), ("", "SQL", nil),
        ("INSERT INTO", "INSERT", nil), ("SELECT * FROM (SELECT 1)", "SELECT", nil), ("COMMIT;", "COMMIT", nil),
    ])
    func aStatementIsNamedByWhatItDoes(sql: String, operation: String, table: String?) {
        let summary = StatementSpan.summary(of: sql)
        #expect(summary.operation == operation)
        #expect(summary.table == table)
    }
}
