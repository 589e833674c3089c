internal import CLinux
import Glibc

extension Keeper {
    /// One request of the supervisor's. Nothing in it can end the keeper.
    func handle(_ frame: [UInt8]) {
        do throws(KeeperError) {
            let request = try ControlCoding.decode(KeeperRequest.self, from: frame)
            let result = answer(request.command)
            send(.reply(number: request.number, result))
            if case .list = request.command {
                link?.hasListed = true
                life.supervisorListed()
            }
        } catch {
            guard let number = try? ControlCoding.decode(KeeperRequestNumber.self, from: frame).number else {
                note("a frame from the supervisor was not understood and is left out (\(frame.count) bytes)")
                return
            }
            let unknown = KeeperError(.unknownCommand, "this keeper does not know the command: keeper and supervisor differ in version")
            send(.reply(number: number, .failed(unknown)))
        }
    }

    private func answer(_ command: KeeperCommand) -> KeeperResult {
        do throws(KeeperError) {
            switch command {
            case .list: return .records(processes.values.sorted { $0.number < $1.number }.map(\.record))
            case .spawn(let specification): return .record(try spawn(specification))
            case .signal(let id, let signal): try self.signal(id, signal)
            case .kill(let id): try kill(id)
            case .forget(let id): try forget(id)
            case .openSocket(let name, let address): return .address(try openSocket(name, address))
            case .closeSocket(let name): try closeSocket(name)
            case .losses: return .counts(processes.mapValues(\.lostLines).filter { $0.value > 0 })
            case .containment: return .text(level.description(legacy: Set(legacy.bases.keys)))
            case .replaceSupervisor(let executable): try replaceSupervisor(executable)
            case .shutdown: if life.state == .serving { act(life.stopWasRequested(at: .now)) }
            }
            return .done
        } catch {
            return .failed(error)
        }
    }

    private func process(_ id: String) throws(KeeperError) -> KeptProcess {
        guard let process = processes[id] else { throw KeeperError(.unknownProcess, "there is no process \"\(id)\"") }
        return process
    }

    /// Runs, or is not quite gone.
    private func running(_ id: String) throws(KeeperError) -> KeptProcess {
        let process = try process(id)
        if let status = process.status { throw KeeperError(.notRunning, "\"\(id)\" has ended already: \(status)") }
        return process
    }

    private func signal(_ id: String, _ signal: Int32) throws(KeeperError) {
        let process = try running(id)
        guard (1...64).contains(signal) else { throw KeeperError(.invalidSpecification, "\(signal) is no signal: there are 1 to 64") }
        guard process.isRunning, let pidfd = process.pidfd else { throw KeeperError(.notRunning, "\"\(id)\" has just ended") }
        process.noteMemoryKills()
        let result = clinux_pidfd_send_signal(pidfd.number, signal)
        guard result == 0 else {
            let cause = SystemError(step: "pidfd_send_signal", number: -result)
            throw KeeperError(.notRunning, "signal \(signal) cannot be sent to \"\(id)\": \(cause.reason)", underlying: cause)
        }
    }

    private func kill(_ id: String) throws(KeeperError) {
        let process = try running(id)
        if process.isRunning { process.noteMemoryKills() }
        process.containment?.kill(search())
    }

    private func forget(_ id: String) throws(KeeperError) {
        let process = try process(id)
        guard process.status != nil else {
            throw KeeperError(.alreadyRunning, "\"\(id)\" still runs (pid \(process.pid)) and is not forgotten")
        }
        processes[id] = nil
    }

    private func openSocket(_ name: String, _ address: KeeperAddress) throws(KeeperError) -> KeeperAddress {
        guard !name.isEmpty, name.utf8.count <= 255, !name.contains(":"), name.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw KeeperError(.invalidSpecification, "\"\(name)\" cannot name a socket: 1 to 255 visible ASCII characters other than \":\"")
        }
        if let socket = sockets[name], socket.requested == address { return socket.address }
        let open = Array(sockets.values) + processes.values.flatMap(\.listening)
        let socket: ListeningSocket
        if let same = open.first(where: { $0.isOne(for: address) }) {
            socket = same
        } else {
            socket = try ListeningSocket(address, beside: open)
        }
        sockets[name] = socket
        return socket.address
    }

    private func closeSocket(_ name: String) throws(KeeperError) {
        guard let socket = sockets.removeValue(forKey: name) else {
            throw KeeperError(.unknownSocket, "there is no listening socket \"\(name)\"")
        }
        if !sockets.values.contains(where: { $0 === socket }) { socket.withdraw() }
    }
}
