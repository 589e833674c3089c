/// What a replay would send back, or is sending.
package struct ReplayReport: Codable, Sendable, Equatable {
    /// A letter that would stay behind although a later one of its subject goes.
    package struct Overtaking: Codable, Sendable, Equatable {
        package var subject: String
        /// The ids of those that stay.
        package var staying: [String]
        /// The first that would overtake them.
        package var overtakenBy: String

        package init(subject: String, staying: [String], overtakenBy: String) {
            self.subject = subject
            self.staying = staying
            self.overtakenBy = overtakenBy
        }

        private enum CodingKeys: String, CodingKey {
            case subject, staying
            case overtakenBy = "overtaken_by"
        }
    }

    package var queue: String
    /// How many go, in this order; the first `shown` of their ids.
    package var count: Int
    package var ids: [String]
    package var edited: Int
    /// Ids of those that are left out because the service may have forgotten that it handled them.
    package var tooOld: [String]
    /// Ids of those whose message there was no room for in the state directory.
    package var unavailable: [String]
    package var overtakings: [Overtaking]
    /// More lie behind those that are listed.
    package var beyond: Int
    /// Nil: nothing was sent.
    package var replay: ReplayStatus?
    /// As `replay` has it.
    package var replayed: Int

    /// Ids and overtakings that are told one by one.
    package static let shown = 100

    package init(
        queue: String, count: Int, ids: [String] = [], edited: Int = 0, tooOld: [String] = [], unavailable: [String] = [],
        overtakings: [Overtaking] = [], beyond: Int = 0, replay: ReplayStatus? = nil, replayed: Int = 0
    ) {
        self.queue = queue
        self.count = count
        self.ids = ids
        self.edited = edited
        self.tooOld = tooOld
        self.unavailable = unavailable
        self.overtakings = overtakings
        self.beyond = beyond
        self.replay = replay
        self.replayed = replayed
    }

    private enum CodingKeys: String, CodingKey {
        case queue, count, ids, edited, unavailable, overtakings, beyond, replay, replayed
        case tooOld = "too_old"
    }
}
