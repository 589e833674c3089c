/// What the keeper tells without being asked.
///
/// Events of processes begin with the reply to the first `list()` of a connection: what happened before is in that list, and what happens
/// after it is told once. So a supervisor lists first, and then believes the events.
package enum KeeperEvent: Codable, Sendable, Equatable {
    /// The main process has ended; what is left of its containment is being killed. `exited` follows.
    case mainExited(id: String, ExitStatus)
    /// The main process has ended, nothing of its containment is left, and its last lines are in the log.
    case exited(id: String, ExitStatus, isOutOfMemory: Bool)
    /// The process sent these fields by sd_notify, for instance READY=1 or STATUS=…; fields of one process that were not yet fetched are
    /// merged.
    case notified(id: String, fields: [String: String])
    /// The keeper was told to stop: take everything down in order, then exit with 0. Comes again to a supervisor that replaced another.
    case stopRequested
    /// The keeper is gone; nothing follows.
    case disconnected
}
