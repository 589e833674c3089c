/// What has to be done to get from one topology to another, by part. Pure: nothing has been touched.
package struct TopologyDifference: Sendable, Equatable {
    /// The services of the new topology in its order, then those that are only in the old one.
    package var services: [ServiceChange]
    /// The servers (`broker`, `database`, `cache`) that are others now, in this order.
    package var servers: [String]
    /// Whether exchanges, queues, bindings, policies, users or permissions have to be declared anew.
    package var isBrokerDeclarationChanged: Bool
    package var areRoutesChanged: Bool
    package var isAdminChanged: Bool
    /// The name is that of the virtual host and the database: with another one, everything begins anew.
    package var isNameChanged: Bool

    package var isEmpty: Bool {
        services.allSatisfy { $0.action == .none } && servers.isEmpty && !isBrokerDeclarationChanged && !areRoutesChanged && !isAdminChanged
            && !isNameChanged
    }

    package func change(of service: String) -> ServiceChange? { services.first { $0.name == service } }
}

/// What has to be done to one service.
package struct ServiceChange: Sendable, Equatable, Codable {
    package enum Action: String, Sendable, Codable, CaseIterable {
        case none
        /// Running instances stay; the new rules hold from now on, and instances are added or ended to their new number. A service with a
        /// schedule is another from its next run on.
        case inPlace = "in-place"
        /// Instances are replaced one after the other.
        case rolling
        /// All instances end before the first new one starts: old and new would work on different servers, or it is a one-shot, which is
        /// run again.
        case recreate
        case start
        case stop
    }

    package var name: String
    package var action: Action
    /// The keys that differ, as they are called in the file; for a reason outside the service, its whole path.
    package var reasons: [String]

    package init(name: String, action: Action, reasons: [String] = []) {
        self.name = name
        self.action = action
        self.reasons = reasons
    }
}
