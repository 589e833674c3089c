/// What has become of a service, told in sentences: what it is now, how it came to be so, and what a person can do.
package struct Story: Codable, Sendable, Equatable {
    package struct Event: Codable, Sendable, Equatable {
        package enum Importance: String, Codable, Sendable {
            case ordinary
            /// It is ready, or has done its work.
            case good
            /// It ended by itself, was not ready, or was given up.
            case bad
        }

        /// ISO 8601 with microseconds.
        package var time: String
        /// Of the last of several that are told as one.
        package var until: String?
        /// Nil: the service as a whole.
        package var instance: Int?
        /// A sentence, without the time.
        package var text: String
        package var importance: Importance

        package init(time: String, until: String? = nil, instance: Int? = nil, text: String, importance: Importance = .ordinary) {
            self.time = time
            self.until = until
            self.instance = instance
            self.text = text
            self.importance = importance
        }
    }

    package var service: String
    /// Nil: all of them.
    package var instance: Int?
    /// As in the service's status.
    package var state: String
    /// What it is now, a sentence or two.
    package var now: [String]
    /// Oldest first.
    package var events: [Event]
    /// What a person can do, a sentence each. Empty: nothing needs to be done.
    package var advice: [String]

    package init(service: String, instance: Int? = nil, state: String, now: [String], events: [Event] = [], advice: [String] = []) {
        self.service = service
        self.instance = instance
        self.state = state
        self.now = now
        self.events = events
        self.advice = advice
    }
}
