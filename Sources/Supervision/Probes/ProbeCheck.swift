import HTTPClient
import Topology

/// Asks once.
enum ProbeCheck {
    /// Bytes of an answer that are read, and of those the ones shown to a person.
    static let maximumBody = 64 << 10
    static let shownBody = 200

    static func ask(_ check: SupervisedProbe.Check, of target: ProbeTarget, timeout: Duration) async -> ProbeAnswer {
        switch check {
        case .roundTrip: return await TimeLimit.run(timeout, target.server)
        case .declared(.http(let path)):
            guard let port = target.port else { return .failure("the process has no port") }
            return await askHTTP(path, port: port, timeout: timeout)
        case .declared(.tcp(nil)):
            guard let port = target.port else { return .failure("the process has no port") }
            return await TCPCheck.connect(host: ProbeTarget.host, port: port, timeout: timeout)
        case .declared(.tcp), .declared(.unix), .declared(.amqp), .declared(.postgres), .declared(.redis):
            return .failure("not to be asked yet")
        case .declared(.exec(let command)):
            return await CommandCheck.run(
                command, environment: target.environment, workingDirectory: target.workingDirectory, timeout: timeout)
        case .declared(.notify): return .failure("it has not said READY=1")
        }
    }

    private static func askHTTP(_ path: String, port: Int, timeout: Duration) async -> ProbeAnswer {
        let request = HTTPClient.Request(
            path: path, headers: [("User-Agent", "signalbox-probe")], timeout: timeout, maximumBody: maximumBody)
        do {
            let response = try await HTTPClient().send(request, to: .tcp(host: ProbeTarget.host, port: port))
            if (200..<400).contains(response.status) { return .success }
            return .failure("GET \(path) answered \(response.status): \(response.text.prefix(shownBody))")
        } catch {
            return .failure(error.message)
        }
    }
}
