package import Supervision

/// What `signalbox up` says while a topology comes up, and while it goes down.
package struct StartupProgress: Sendable {
    private static let frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]

    private let style: TerminalStyle
    private var reported: Set<String> = []

    package init(style: TerminalStyle) { self.style = style }

    /// A line for each service that has become ready since the last call.
    package mutating func arrivals(_ status: TopologyStatus, after elapsed: Duration) -> [String] {
        var lines: [String] = []
        for service in status.services {
            let isThere = service.state == .ready || service.state == .completed || service.state == .scheduled
            guard isThere else {
                reported.remove(service.name)
                continue
            }
            guard reported.insert(service.name).inserted else { continue }
            let count = service.desired == 1 ? "" : " (\(service.ready) instances)"
            lines.append("\(style.paint("✔", .green)) \(service.name) \(service.state.rawValue)\(count) after \(Self.seconds(elapsed))")
        }
        return lines
    }

    /// The lines that are drawn anew again and again: those services that are still to come.
    /// - Parameter frame: one more each time it is drawn.
    package func waiting(_ status: TopologyStatus, after elapsed: Duration, frame: Int) -> [String] {
        status.services.filter { ![.ready, .completed, .stopped, .scheduled].contains($0.state) }.map { service in
            let isBad = service.state == .failed
            let mark = isBad ? style.paint("✘", .red) : style.paint(Self.frames[frame % Self.frames.count], .cyan)
            let count = service.desired > 1 ? " \(service.ready)/\(service.desired)" : ""
            let reason = StatusTable.reason(service)
            return "\(mark) \(service.name) \(service.state.rawValue)\(count)  \(style.paint(Self.seconds(elapsed), .dim))"
                + (reason.isEmpty ? "" : "  \(style.paint(reason, isBad ? .red : .dim))")
        }
    }

    /// One line that shows that something goes on.
    package func line(_ text: String, after elapsed: Duration? = nil, frame: Int) -> String {
        let mark = style.paint(Self.frames[frame % Self.frames.count], .cyan)
        return "\(mark) \(text)" + (elapsed.map { "  \(style.paint(Self.seconds($0), .dim))" } ?? "")
    }

    /// `2.3 s`, `1 min 5 s`.
    package static func seconds(_ duration: Duration) -> String {
        let tenths = duration.components.seconds * 10 + duration.components.attoseconds / 100_000_000_000_000_000
        guard tenths >= 600 else { return "\(tenths / 10).\(tenths % 10) s" }
        return "\(tenths / 600) min \(tenths / 10 % 60) s"
    }
}
