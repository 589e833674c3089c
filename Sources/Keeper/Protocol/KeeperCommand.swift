/// What a supervisor asks of the keeper.
enum KeeperCommand: Codable, Sendable {
    case list
    case spawn(ProcessSpecification)
    case signal(id: String, signal: Int32)
    case kill(id: String)
    case forget(id: String)
    case openSocket(name: String, address: KeeperAddress)
    case closeSocket(name: String)
    case containment
    case losses
    case replaceSupervisor(executable: String?)
    case shutdown
}

/// One line of JSON from the supervisor to the keeper.
struct KeeperRequest: Codable, Sendable {
    /// Given back in the reply.
    var number: Int
    var command: KeeperCommand
}

/// What is read of a request whose command this keeper does not know.
struct KeeperRequestNumber: Codable {
    var number: Int
}
