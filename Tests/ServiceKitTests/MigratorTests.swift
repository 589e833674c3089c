@testable import ServiceKit
import Testing

struct MigratorTests {
    let one = Migration("1 a", "CREATE TABLE a (id int)")
    let two = Migration("2 b", "CREATE TABLE b (id int)")

    private func applied(_ migrations: Migration...) -> [Migrator.Applied] {
        migrations.map { Migrator.Applied(name: $0.name, checksum: Migrator.checksum($0.sql)) }
    }

    @Test func whatIsNotAppliedIsPendingInOrder() throws {
        #expect(try Migrator.pending([one, two], applied: []) == [one, two])
        #expect(try Migrator.pending([one, two], applied: applied(one)) == [two])
        #expect(try Migrator.pending([one, two], applied: applied(one, two)) == [])
    }

    @Test func aNewerServicesMigrationsAreLeftAlone() throws {
        #expect(try Migrator.pending([one], applied: applied(one, two)) == [])
    }

    @Test func aChangedOneIsRefused() {
        let changed = Migration(one.name, one.sql + " ")
        #expect(message { try Migrator.pending([changed], applied: applied(one)) }.contains("was changed after it had been applied"))
    }

    @Test func oneThatComesTooLateIsRefused() {
        #expect(message { try Migrator.pending([one, two], applied: applied(two)) }.contains("New migrations go to the end"))
    }

    @Test func twoOfOneNameAreRefused() {
        #expect(message { try Migrator.pending([one, one], applied: []) }.contains("Two migrations"))
    }

    private func message(_ body: () throws -> [Migration]) -> String {
        do {
            _ = try body()
            return ""
        } catch {
            #expect((error as? ServiceError)?.code == .migration)
            return "\(error)"
        }
    }
}
