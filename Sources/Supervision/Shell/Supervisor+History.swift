import Glibc
import Logging
import NIOPosix
import Systemd

extension Supervisor {
    /// Transitions as far back as the audit log goes, oldest first.
    ///
    /// - Parameters:
    ///   - service: need not be declared any more; nil: all.
    ///   - sequence: the first `limit` after this one; nil: the newest `limit`.
    package func transitions(of service: String?, after sequence: Int?, limit: Int) async -> [TransitionRecord] {
        if let sequence { await earliest(of: service, after: sequence, limit: limit) } else { await newest(of: service, limit: limit) }
    }

    /// What has become of a service, oldest first: the newest `limit` transitions that the audit log still has.
    ///
    /// - Parameter service: need not be declared any more.
    package func history(of service: String, limit: Int) async throws(SupervisorError) -> [TransitionRecord] {
        await newest(of: service, limit: limit)
    }

    private func newest(of service: String?, limit: Int) async -> [TransitionRecord] {
        let (newest, mayHaveMore) = transitionLog.newest(limit, after: 0, of: service)
        guard mayHaveMore else { return newest }
        let first = newest.first?.sequence ?? .max
        let older = await read(service) { file, isWanted in file.read(limit: limit, where: isWanted) }
        return (older.filter { $0.sequence < first } + newest).suffix(max(0, limit))
    }

    private func earliest(of service: String?, after sequence: Int, limit: Int) async -> [TransitionRecord] {
        if let records = transitionLog.oldest(limit, after: sequence, of: service) { return records }
        let older = await read(service) { file, isWanted in file.read(after: sequence, limit: limit, where: isWanted) }
        // What a full disk has kept out of the file is in memory, as far as that goes.
        let rest = transitionLog.newest(.max, after: max(sequence, older.last?.sequence ?? sequence), of: service).records
        return Array((older + rest).prefix(max(0, limit)))
    }

    /// From the files, which may be large, and the disk slow.
    private func read(
        _ service: String?, _ body: @escaping @Sendable (AuditFile, (ArraySlice<UInt8>) -> Bool) -> [TransitionRecord]
    ) async -> [TransitionRecord] {
        await stateWriter.flush()
        let file = transitionLog.file
        let wanted = service.map { Array("\"service\":\"\($0)\"".utf8) }
        let records = try? await NIOThreadPool.singleton.runIfActive {
            body(file) { line in wanted.map { line.firstRange(of: $0) != nil } ?? true }
        }
        return (records ?? []).filter { service == nil || $0.service == service }
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
