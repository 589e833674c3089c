/// Listening sockets handed over as in sd_listen_fds(3), read from the environment's values.
package struct InheritedSockets: Sendable, Equatable {
    package static let firstDescriptor: Int32 = 3
    package static let maximum = 64

    package struct Socket: Sendable, Equatable {
        package var descriptor: Int32
        /// From `LISTEN_FDNAMES`; empty without.
        package var name: String
    }

    package var sockets: [Socket]

    /// None when they are meant for another process, or the values make no sense.
    package init(environment: [String: String], ownProcess: Int32) {
        sockets = []
        guard let process = environment["LISTEN_PID"].flatMap(Int32.init), process == ownProcess,
            let count = environment["LISTEN_FDS"].flatMap(Int.init), (1...Self.maximum).contains(count)
        else { return }
        let names = (environment["LISTEN_FDNAMES"] ?? "").split(separator: ":", omittingEmptySubsequences: false)
        sockets = (0..<count).map { index in
            Socket(descriptor: Self.firstDescriptor + Int32(index), name: index < names.count ? String(names[index]) : "")
        }
    }
}
