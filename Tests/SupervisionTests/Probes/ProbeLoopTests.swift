import Glibc
@testable import Supervision
import Synchronization
import TestSupport
import Testing
import Topology

/// Probes as they are asked, of real peers.
@Suite(.timeLimit(.minutes(2)))
struct ProbeLoopTests {
    private static let yes = Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok".utf8)

    /// The first answer that is told.
    private func ask(
        _ check: Probe.Check, port: Int? = nil, folder: String = "/", timeout: Duration = .seconds(5)
    ) async -> ProbeAnswer? {
        let loop = ProbeLoop()
        defer { loop.stop() }
        let probe = SupervisedProbe(Probe(check, period: .seconds(1), timeout: timeout))
        let subject = ProbeLoop.Subject(instance: InstanceID("a", 1), generation: 1, purpose: .readiness)
        let target = ProbeTarget(
            port: port, environment: ["PATH": "/usr/bin:/bin"], workingDirectory: folder, stateDirectory: "\(folder)/state")
        _ = loop.begin(probe, of: subject, target: target, hasSucceeded: false)
        for await told in loop.answers {
            #expect(told.subject == subject)
            return told.answer
        }
        return nil
    }

    @Test func aPeerThatAnswersIsThere() async throws {
        let peer = try StandIn(.answers(Self.yes))
        #expect(await ask(.http(path: "/"), port: peer.port) == .success)
        #expect(await ask(.tcp(nil), port: peer.port) == .success)
        #expect(await ask(.tcp(.tcp(host: "localhost", port: peer.port))) == .success)
        #expect(await ask(.exec(["true"])) == .success)
    }

    @Test func anAnswerDoesNotWaitForTheConnectionsEnd() async throws {
        let peer = try StandIn(.holds(Self.yes))
        #expect(await ask(.http(path: "/"), port: peer.port) == .success)
    }

    @Test func nobodyListeningIsAFailure() async {
        let port = freePort()
        for check in [Probe.Check.tcp(nil), .http(path: "/"), .amqp(nil), .postgres(nil), .redis(nil)] {
            #expect(await ask(check, port: port) == .failure("cannot connect to 127.0.0.1:\(port): Connection refused"))
        }
        #expect(await ask(.tcp(nil)) == .failure("the process has no port"))
        #expect(
            await ask(.unix(path: "none.sock"), folder: "/tmp") == .failure("cannot connect to /tmp/none.sock: No such file or directory"))
        let long = String(repeating: "x", count: 120)
        #expect(await ask(.unix(path: long)) == .failure("//\(long) is too long for a Unix socket's path"))
        #expect(await ask(.tcp(.tcp(host: "no-such-host.invalid", port: 1))) == .failure("no-such-host.invalid has no address"))
    }

    @Test func silenceIsAFailureInTime() async throws {
        let peer = try StandIn(.silent)
        for check in [Probe.Check.http(path: "/"), .amqp(nil), .postgres(nil), .redis(nil)] {
            let start = ContinuousClock.now
            #expect(await ask(check, port: peer.port, timeout: .milliseconds(200)) == .failure("no answer within 0.2 seconds"))
            #expect(start.duration(to: .now) < .seconds(2))
        }
    }

    @Test func aUnixSocketIsFoundFromTheServicesFolder() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        mkdir("\(folder)/state", 0o755)
        for path in ["\(folder)/own.sock", "\(folder)/state/other.sock"] {
            let address = try #require(SocketAddress(unix: path))
            let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            #expect(address.withPointer { bind(listener, $0, $1) } == 0 && listen(listener, 8) == 0)
        }
        #expect(await ask(.unix(path: "own.sock"), folder: folder) == .success)
        // Sockets as the topology writes them begin in the state directory.
        #expect(await ask(.tcp(.unix(path: "other.sock")), folder: folder) == .success)
    }

    @Test func realServersAnswerInTheirOwnProtocols() async throws {
        let broker = try await PrivateRabbitMQ.shared()
        #expect(await ask(.amqp(nil), port: broker.port) == .success)
        #expect(await ask(.redis(.tcp(host: "127.0.0.1", port: broker.port)), timeout: .seconds(2)) != .success)
        let database = try await PrivatePostgreSQL.shared()
        #expect(await ask(.postgres(nil), port: database.port) == .success)
        let cache = try await PrivateRedis.shared()
        #expect(await ask(.redis(nil), port: cache.port) == .success)
        #expect(await ask(.postgres(nil), port: cache.port) != .success)
        #expect(await ask(.amqp(nil), port: cache.port, timeout: .seconds(1)) != .success)
    }

    @Test func serversThatAreNotReadySaySo() throws {
        func message(_ fields: [String]) -> [UInt8] {
            var body: [UInt8] = []
            for field in fields { body += Array(field.utf8) + [0] }
            return [UInt8(ascii: "E"), 0, 0, 0, UInt8(body.count + 5)] + body + [0]
        }
        let starting = message(["SFATAL", "C57P03", "Mthe database system is starting up"])
        #expect(ProbeQuestion.postgres.judge(starting, false) == .failure("the database system is starting up"))
        #expect(ProbeQuestion.postgres.judge(Array(starting.dropLast()), false) == nil)
        #expect(ProbeQuestion.postgres.judge(message(["SFATAL", "C28P01", "Mpassword authentication failed"]), false) == .success)
        #expect(ProbeQuestion.redis.judge(Array("-NOAUTH Authentication required.\r\n".utf8), false) == .success)
        #expect(
            ProbeQuestion.redis.judge(Array("-LOADING Redis is loading\r\n".utf8), false) == .failure("PING: -LOADING Redis is loading"))
        #expect(ProbeQuestion.amqp.judge(Array("AMQP".utf8) + [0, 0, 9, 1], false) == .failure("it does not speak AMQP 0-9-1"))
        #expect(ProbeQuestion.amqp.judge([1, 0, 0, 0, 0, 1, 0, 0, 10, 0, 10, 0], false) == .success)
    }

    @Test func aHundredDeadPeersHoldUpNobody() async throws {
        let loop = ProbeLoop()
        defer { loop.stop() }
        let hole = try StandIn(.silent)
        let good = try StandIn(.answers(Self.yes))
        let period = Duration.milliseconds(100)
        for number in 1...100 {
            let target = { (port: Int) in ProbeTarget(port: port) }
            _ = loop.begin(
                SupervisedProbe(Probe(.http(path: "/"), period: period, timeout: .seconds(30))),
                of: .init(instance: InstanceID("hole", number), generation: 1, purpose: .liveness), target: target(hole.port),
                hasSucceeded: false)
            // A failure each time, so that each answer is told.
            _ = loop.begin(
                SupervisedProbe(Probe(.redis(nil), period: period, timeout: .seconds(1))),
                of: .init(instance: InstanceID("good", number), generation: 1, purpose: .liveness), target: target(good.port),
                hasSucceeded: false)
        }
        var counts: [Int: Int] = [:]
        let end = ContinuousClock.now + .seconds(3)
        for await told in loop.answers {
            #expect(told.subject.instance.service == "good")
            counts[told.subject.instance.number, default: 0] += 1
            if ContinuousClock.now >= end { break }
        }
        #expect(counts.count == 100)
        // Of about thirty that the period has room for; the machine may be busy.
        #expect((counts.values.min() ?? 0) >= 15, "\(counts.values.sorted())")
    }

    private func askAgainAndAgain(_ peer: StandIn, _ purpose: SupervisedProbe.Purpose, for time: Duration) async throws -> [ProbeAnswer] {
        let loop = ProbeLoop()
        let probe = SupervisedProbe(Probe(.http(path: "/"), period: .milliseconds(100), timeout: .milliseconds(500)))
        _ = loop.begin(
            probe, of: .init(instance: InstanceID("a", 1), generation: 1, purpose: purpose), target: ProbeTarget(port: peer.port),
            hasSucceeded: false)
        let end = Task {
            try? await Task.sleep(for: time)
            loop.stop()
        }
        var answers: [ProbeAnswer] = []
        for await told in loop.answers { answers.append(told.answer) }
        await end.value
        return answers
    }

    @Test func readinessIsAskedOnOneConnectionWhereThePeerServesOthersBesideIt() async throws {
        let kept = Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8)
        let peer = try StandIn(.serves(kept, atOnce: 8))
        #expect(try await askAgainAndAgain(peer, .readiness, for: .seconds(3)) == [.success])
        #expect(peer.questions > 15)
        // The two of the beginning, and one for every ten questions.
        #expect(peer.connections >= 3 && peer.connections <= 2 + peer.questions / 8, "\(peer.connections) for \(peer.questions)")
        let other = try StandIn(.serves(kept, atOnce: 8))
        _ = try await askAgainAndAgain(other, .liveness, for: .seconds(1))
        #expect(other.connections == other.questions)
    }

    @Test func aPeerThatServesOneConnectionAtATimeIsNotHeldUp() async throws {
        let peer = try StandIn(.serves(Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8), atOnce: 1))
        #expect(try await askAgainAndAgain(peer, .readiness, for: .seconds(3)) == [.success])
        #expect(peer.questions > 10 && peer.connections == peer.questions)
    }

    @Test func aKeptConnectionThatThePeerClosesIsMadeAnew() async throws {
        let peer = try StandIn(.servesTwice(Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8)))
        #expect(try await askAgainAndAgain(peer, .readiness, for: .seconds(3)) == [.success])
        #expect(peer.questions > 15 && peer.connections < peer.questions)
    }

    @Test func aProbeThatIsEndedAsksNoMore() async throws {
        let loop = ProbeLoop()
        defer { loop.stop() }
        let peer = try StandIn(.answers(Array("no".utf8)))
        let probe = SupervisedProbe(Probe(.http(path: "/"), period: .milliseconds(100)))
        let numbers = (1...3).map { number in
            loop.begin(
                probe, of: .init(instance: InstanceID("a", number), generation: number, purpose: .liveness),
                target: ProbeTarget(port: peer.port), hasSucceeded: false)
        }
        try await eventually("questions") { peer.connections > 10 }
        loop.end(Array(numbers.dropLast()))
        let marker = ProbeLoop.Subject(instance: InstanceID("marker", 1), generation: 1, purpose: .liveness)
        _ = loop.begin(probe, of: marker, target: ProbeTarget(port: nil), hasSucceeded: false)
        var hasEnded = false
        var later: Set<Int> = []
        for await told in loop.answers {
            if told.subject == marker {
                if hasEnded && later.count == 1 { break }
                hasEnded = true
            } else if hasEnded {
                later.insert(told.subject.generation)
            }
        }
        #expect(later == [3])
    }

    @Test func anAnswerComesInTimeWhateverTheWorkDoes() async {
        let answer = await TimeLimit.run(.milliseconds(50)) {
            await withCheckedContinuation { continuation in
                // Heeds no cancellation.
                Task.detached {
                    try? await Task.sleep(for: .seconds(1))
                    continuation.resume()
                }
            }
            return .success
        }
        #expect(answer == .failure("no answer within 0.05 seconds"))
        #expect(await TimeLimit.run(.seconds(10)) { .success } == .success)
    }
}
