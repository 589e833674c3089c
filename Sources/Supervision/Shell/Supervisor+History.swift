import Glibc
import Logging
import NIOPosix
import Systemd

extension Supervisor {
    /// The newest `limit` ones after `sequence`, oldest first.
    package func transitions(after sequence: Int, limit: Int) async -> [TransitionRecord] {
        await records(of: nil, after: sequence, limit: limit)
    }

    /// What has become of a service, oldest first: the newest `limit` transitions that the audit log still has.
    ///
    /// - Parameter service: need not be declared any more.
    package func history(of service: String, limit: Int) async throws(SupervisorError) -> [TransitionRecord] {
        await records(of: service, after: 0, limit: limit)
    }

    private func records(of service: String?, after sequence: Int, limit: Int) async -> [TransitionRecord] {
        let (newest, mayHaveMore) = transitionLog.newest(limit, after: sequence, of: service)
        guard mayHaveMore else { return newest }
        await stateWriter.flush()
        let file = transitionLog.file
        let wanted = service.map { Array("\"service\":\"\($0)\"".utf8) }
        // The files may be large and the disk slow.
        let older = try? await NIOThreadPool.singleton.runIfActive {
            file.read(limit: limit) { line in wanted.map { line.firstRange(of: $0) != nil } ?? true }
        }
        let first = newest.first?.sequence ?? .max
        let fitting = (older ?? []).filter { $0.sequence > sequence && $0.sequence < first && (service == nil || $0.service == service) }
        return (fitting + newest).suffix(max(0, limit))
    }

    package func follow() -> AsyncStream<TransitionRecord> {
        transitionLog.follow { [weak self] number in
            // The stream's end is told outside of any task; nothing waits for it.
            Task { await self?.unfollow(number) }
        }
    }

    private func unfollow(_ number: Int) { transitionLog.unfollow(number) }

    func record(_ transition: Transition) {
        let record = transitionLog.append(transition, secondsSince1970: Self.secondsSince1970)
        let who = record.instance.map { "\(record.service)/\($0)" } ?? record.service
        let evidence = record.evidence.map { " (\($0))" } ?? ""
        let text = "\(who): \(record.from) → \(record.to): \(record.cause)\(evidence)"
        let isFailure = record.to == "failed"
        guard configuration.notifySocket != nil else { return logger.log(level: isFailure ? .error : .info, "\(text)") }
        // Under systemd, where what we print goes to the journal as plain text: there with fields instead, by which it can be found.
        let logger = logger
        stateWriter.add {
            let isTaken = Journal.send(text, priority: isFailure ? .error : .info, fields: record.journalFields)
            if !isTaken { logger.log(level: isFailure ? .error : .info, "\(text)") }
        }
    }

    static var secondsSince1970: Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
    }
}

extension TransitionRecord {
    fileprivate var journalFields: [String: String] {
        var fields = [
            "SYSLOG_IDENTIFIER": "signalbox", "SIGNALBOX_SERVICE": service, "SIGNALBOX_SEQUENCE": String(sequence), "SIGNALBOX_FROM": from,
            "SIGNALBOX_TO": to, "SIGNALBOX_CAUSE": cause, "SIGNALBOX_ACTOR": actor,
        ]
        fields["SIGNALBOX_INSTANCE"] = instance.map(String.init)
        fields["SIGNALBOX_EVIDENCE"] = evidence
        return fields
    }
}
