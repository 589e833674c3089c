/// Why a process could not be started.
struct LaunchFailure: Error {
    var reason: String
    /// Trying again would not help.
    var isPermanent: Bool

    init(_ reason: String, isPermanent: Bool = false) {
        self.reason = reason
        self.isPermanent = isPermanent
    }
}
