package import Supervision

/// How `signalbox status` and `signalbox up` show the whole.
package enum StatusTable {
    /// One line a service: state, instances, and what is worth knowing of its processes.
    package static func services(_ status: TopologyStatus, style: TerminalStyle, width: Int? = nil) -> [String] {
        var table = TextTable("SERVICE", "STATE", "INSTANCES", "RESTARTS", "PID", "PORT", "REASON")
        for service in status.services {
            let restarts = service.instances.reduce(0) { $0 + $1.restarts }
            table.add(
                .init(service.name), .init(service.state.rawValue, .init(state: service.state.rawValue)),
                "\(service.ready)/\(service.desired)", .init(String(restarts), restarts > 0 ? .yellow : nil),
                .init(list(service.instances.compactMap(\.pid))), .init(list(service.instances.compactMap(\.port))),
                .init(remarks(service)))
        }
        return table.lines(style: style, width: width)
    }

    /// `shop is ready`, with what keeps it from being so.
    package static func headline(_ status: TopologyStatus, style: TerminalStyle) -> String {
        let state = style.paint(status.state.rawValue, .init(state: status.state.rawValue))
        let verb = status.state == .failed ? "has" : "is"
        return "\(style.paint(status.name, .bold)) \(verb) \(state)" + (status.reason.map { ": \($0)" } ?? "")
    }

    /// What is not as declared in the broker, a line each.
    package static func broker(_ status: TopologyStatus, style: TerminalStyle) -> [String] {
        guard let broker = status.broker else { return [] }
        return broker.differences.map { "\(style.paint("broker differs:", .yellow)) \($0)" }
            + broker.problems.map { "\(style.paint("broker:", .red)) \($0)" }
            + broker.migrations.map { "\(style.paint("migrating:", .cyan)) \($0)" }
    }

    /// Where to go from here: a line each for the services that listen, the admin endpoint, the dashboard and the token.
    package static func addresses(_ status: TopologyStatus, stateDirectory: String, style: TerminalStyle) -> [String] {
        let last = ["admin", "dashboard"]
        var entries = status.addresses.filter { !last.contains($0.key) }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        entries += last.compactMap { name in status.addresses[name].map { (name, $0) } }
        entries.append(("token", stateDirectory + "/admin.token"))
        let width = entries.map(\.0.count).max() ?? 0
        return entries.map { name, value in
            let label = name.prefix(1).uppercased() + name.dropFirst()
            return label + String(repeating: " ", count: width - name.count + 2) + style.paint(value, .cyan)
        }
    }

    /// The reason, and what has become of its output.
    private static func remarks(_ service: ServiceStatus) -> String {
        let dropped = service.instances.reduce(0) { $0 + ($1.droppedLines ?? 0) }
        let loss = dropped > 0 ? "\(dropped) line\(dropped == 1 ? "" : "s") of its output could not be kept" : ""
        return [reason(service), loss].filter { !$0.isEmpty }.joined(separator: "; ")
    }

    /// The service's own reason, or that of the first instance that has one.
    package static func reason(_ service: ServiceStatus) -> String {
        if let reason = service.reason { return reason }
        guard ![.ready, .completed, .scheduled].contains(service.state) else { return "" }
        return service.instances.lazy.compactMap { instance in instance.reason ?? instance.lastExit }.first ?? ""
    }

    private static func list(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: ",") }
}
