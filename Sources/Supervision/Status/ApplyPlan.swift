/// The file against what runs: what `apply` would do, or has just begun to do.
package struct ApplyPlan: Codable, Sendable, Equatable {
    package struct Step: Codable, Sendable, Equatable {
        package enum Action: String, Codable, Sendable {
            /// It is what the file says.
            case none = "nothing"
            /// Without touching its processes.
            case inPlace = "in place"
            /// One instance after the other.
            case rolling
            /// All of it is stopped, then started.
            case recreate
            case start
            case stop
        }

        package var service: String
        package var action: Action
        /// What differs, a sentence each.
        package var reasons: [String]

        package init(service: String, action: Action, reasons: [String] = []) {
            self.service = service
            self.action = action
            self.reasons = reasons
        }
    }

    /// Every server and every service.
    package var services: [Step]
    /// What is to be declared on the broker, a sentence each.
    package var broker: [String]
    /// What the broker does not allow to be changed, and what a person can do about it.
    package var refused: [String]
    /// What else a person should know.
    package var notes: [String]
    /// What lies in the broker and is not in the file: it is left alone.
    package var undeclared: [String]

    package init(
        services: [Step] = [], broker: [String] = [], refused: [String] = [], notes: [String] = [], undeclared: [String] = []
    ) {
        self.undeclared = undeclared
        self.services = services
        self.broker = broker
        self.refused = refused
        self.notes = notes
    }

    /// True: what runs is what the file says.
    package var isEmpty: Bool {
        services.allSatisfy { $0.action == .none } && broker.isEmpty && refused.isEmpty && notes.isEmpty
    }
}
