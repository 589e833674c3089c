/// Who answers at /health/live.
struct SupervisorIdentity: Decodable, Equatable {
    var version: String?
    var pid: Int?
}
