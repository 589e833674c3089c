/// One line of JSON from the keeper to the supervisor.
enum KeeperMessage: Codable, Sendable {
    case reply(number: Int, KeeperResult)
    case event(KeeperEvent)
}

enum KeeperResult: Codable, Sendable {
    case done
    case record(ProcessRecord)
    case records([ProcessRecord])
    case address(KeeperAddress)
    case text(String)
    case counts([String: Int])
    case failed(KeeperError)
}
