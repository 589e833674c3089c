extension Service {
    /// Whether it is Signalbox's own gateway.
    package var isGateway: Bool {
        command.count >= 2 && command[0].split(separator: "/").last == "signalbox" && command[1] == "gateway"
    }
}
