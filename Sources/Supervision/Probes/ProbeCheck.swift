import Topology

/// How a probe's question is put to a target. Pure.
enum ProbeCheck: Sendable {
    case socket(SocketAddress, ProbeQuestion)
    /// The host's name has to be looked up first.
    case named(host: String, port: Int, ProbeQuestion)
    case command([String])
    case roundTrip
    /// There is nothing to be asked.
    case impossible(String)

    init(_ check: SupervisedProbe.Check, of target: ProbeTarget) {
        self =
            switch check {
            case .roundTrip: .roundTrip
            case .declared(.http(let path)): Self.at(nil, of: target, .http(path: path))
            case .declared(.tcp(let address)): Self.at(address, of: target, .connection)
            case .declared(.amqp(let address)): Self.at(address, of: target, .amqp)
            case .declared(.postgres(let address)): Self.at(address, of: target, .postgres)
            case .declared(.redis(let address)): Self.at(address, of: target, .redis)
            case .declared(.unix(let path)): Self.unix(path, from: target.workingDirectory, .connection)
            case .declared(.exec(let command)): .command(command)
            case .declared(.notify): .impossible("it has not said READY=1")
            }
    }

    private static func at(_ address: ListenAddress?, of target: ProbeTarget, _ question: ProbeQuestion) -> ProbeCheck {
        switch address {
        case nil:
            guard let port = target.port, let own = SocketAddress.numeric(host: ProbeTarget.host, port: port) else {
                return .impossible("the process has no port")
            }
            return .socket(own, question)
        case .tcp(let host, let port):
            return SocketAddress.numeric(host: host, port: port).map { .socket($0, question) } ?? .named(host: host, port: port, question)
        case .unix(let path): return unix(path, from: target.stateDirectory, question)
        }
    }

    private static func unix(_ path: String, from folder: String, _ question: ProbeQuestion) -> ProbeCheck {
        let path = path.hasPrefix("/") ? path : "\(folder)/\(path)"
        return SocketAddress(unix: path).map { .socket($0, question) } ?? .impossible("\(path) is too long for a Unix socket's path")
    }
}
