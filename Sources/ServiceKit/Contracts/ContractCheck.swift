import FoundationEssentials

/// The events of a team's code against the record of what was published. Pure.
public struct ContractCheck {
    /// How new records are written; told where they are missing.
    public static let howToRecord = "RECORD_CONTRACTS=1 swift test --filter Contract"

    private let records: [ContractRecord]
    public private(set) var mistakes: [ContractMistake] = []
    /// What is to be written, once nothing else is wrong.
    public private(set) var unrecorded: [ContractRecord] = []

    /// - Parameters:
    ///   - events: every event that the team's services publish.
    ///   - records: what was published so far.
    public init(_ events: [any Event.Type], records: [ContractRecord]) {
        self.records = records
        var seen: [String: String] = [:]
        for event in events {
            let name = String(describing: event)
            if let other = seen.updateValue(name, forKey: event.type) {
                note(.ambiguous, event, "\(other) and \(name) have the same type; give one of them another, or take it off the list")
            } else {
                check(event)
            }
        }
        for type in Set(records.map(\.type)).subtracting(seen.keys).sorted() {
            mistakes.append(
                ContractMistake(
                    kind: .noLongerThere, subject: type,
                    message:
                        "it was published and is not on the list of events any more; put it back, or, when none of its messages can be on their way or a dead letter any more (35 days after the last), delete \(type).v*.json"
                ))
        }
    }

    private mutating func note(_ kind: ContractMistake.Kind, _ event: any Event.Type, _ message: String) {
        mistakes.append(ContractMistake(kind: kind, subject: "\(event.type) version \(event.version)", message: message))
    }

    private mutating func check(_ event: any Event.Type) {
        let record: ContractRecord
        do { record = try ContractRecord(of: event) } catch { return note(.unreadable, event, "\(error)") }
        guard event.version >= 1, (1...event.version).contains(event.minimumReaderVersion) else {
            return note(
                .versionWentBack, event,
                "versions count from 1, and the oldest that can read it is one of them; found version \(event.version) and minimumReaderVersion \(event.minimumReaderVersion)"
            )
        }
        let published = records.filter { $0.type == event.type }.sorted { $0.version < $1.version }
        if let last = published.last, last.version > event.version {
            return note(
                .versionWentBack, event,
                "version \(last.version) was published already (\(last.fileName)); set 'version' to \(last.version) or more")
        }
        if let same = published.last, same.version == event.version {
            compare(event, record, with: same)
        } else {
            unrecorded.append(record)
            note(.unrecorded, event, "it is not in the record yet; write it with: \(Self.howToRecord)")
        }
        let older = published.filter { $0.version < event.version }
        checkUpcasters(of: event, from: older.first?.version ?? event.version)
        for old in older { checkReading(event, record, of: old) }
    }

    private mutating func compare(_ event: any Event.Type, _ record: ContractRecord, with published: ContractRecord) {
        let changes = ContractComparison.changes(from: published.document, to: record.document)
        let refused = changes.filter { !ContractCompatibility.isAllowed($0) }
        let (version, next) = (event.version, event.version + 1)
        for change in refused {
            note(
                .incompatible, event,
                "\(change). Version \(version) is published and stays as it is: set 'version' to \(next), give it an Upcaster(from: \(version)) in 'upcasters', then write its record with: \(Self.howToRecord)"
            )
        }
        guard refused.isEmpty, record != published else { return }
        unrecorded.append(record)
        let what =
            changes.isEmpty
            ? "its record is written otherwise" : changes.map { "\($0)" }.joined(separator: "; ") + ". That is no new version"
        note(.unrecorded, event, "\(what); write it with: \(Self.howToRecord)")
    }

    private mutating func checkUpcasters(of event: any Event.Type, from first: Int) {
        let versions = event.upcasters.map(\.version)
        for version in Set(versions).sorted() {
            if version < 1 || version >= event.version {
                note(.upcasterUnusable, event, "there is an upcaster from \(version), which does not come before it; remove it")
            } else if versions.filter({ $0 == version }).count > 1 {
                note(.upcasterUnusable, event, "there are two upcasters from \(version); keep one")
            }
        }
        for version in first..<event.version where !versions.contains(version) {
            note(
                .upcasterMissing, event,
                "version \(first) was published, and nothing leads from \(version) to \(version + 1); add an Upcaster(from: \(version)) to 'upcasters'"
            )
        }
    }

    private mutating func checkReading(_ event: any Event.Type, _ record: ContractRecord, of old: ContractRecord) {
        if old.version >= event.minimumReaderVersion {
            for obstacle in ContractCompatibility.obstacles(reader: old.document, written: record.document) {
                note(
                    .readerWrong, event,
                    "minimumReaderVersion says that readers of version \(old.version) can read it, but they cannot: \(obstacle); raise minimumReaderVersion"
                )
            }
        }
        guard (old.version..<event.version).allSatisfy({ step in event.upcasters.contains { $0.version == step } }) else { return }
        for sample in ContractSamples.all(of: old.document) {
            do {
                try Self.read(event, [UInt8](try JSON.encoder().encode(sample)), old.version)
            } catch {
                let text = (try? JSON.encoder().encode(sample)).map { String(decoding: $0, as: UTF8.self) } ?? ""
                return note(
                    .upcasterWrong, event,
                    "an event of version \(old.version) as its record allows it cannot be read: \(error) Mend the upcasters. The event: \(text)"
                )
            }
        }
    }

    private static func read<E: Event>(_ event: E.Type, _ bytes: [UInt8], _ version: Int) throws {
        _ = try ContractDecoder.decode(event, bytes, version: version)
    }
}
