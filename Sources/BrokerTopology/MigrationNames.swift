/// What stands in for a queue or an exchange while it is migrated. These names are the record of a migration: whoever goes on with one after
/// a crash knows it by them.
package enum MigrationNames {
    private static let suffix = ".signalbox-migration"

    /// The queue that takes what is published meanwhile.
    package static func queue(for name: String) -> String { name + suffix }
    /// The fanout exchange by which its messages come over into the new queue under the routing keys that they had.
    package static func handOver(for queue: String) -> String { queue + ".signalbox-hand-over" }
    /// The exchange behind the new one, which has all its bindings already.
    package static func exchange(for name: String) -> String { name + suffix }
}
