import Supervision

/// One instance's part of a story.
struct InstanceChapter {
    private let subject: String
    private var told: [(sequence: Int, event: Story.Event)] = []
    private var spell: RestartSpell?
    /// That its main process has ended: told with what follows from it.
    private var ending: TransitionRecord?
    /// How often supervisors in a row have found it running.
    private var found = 0
    private var lastTold: TransitionRecord?

    init(subject: String) { self.subject = subject }

    var events: [(sequence: Int, event: Story.Event)] {
        var whole = self
        whole.closeSpell()
        if let ending { whole.tell(ending) }
        return whole.told
    }

    mutating func add(_ record: TransitionRecord) {
        ending = nil
        if record.cause == "its main process has ended" {
            ending = record
            return
        }
        if spell?.take(record) == true { return }
        closeSpell()
        if let begun = RestartSpell(record) {
            spell = begun
            found = 0
        } else if record.cause == "it was found running" {
            tellFound(record)
        } else if found > 0, record.from == "starting", record.to == "ready" {
            // Its probe has only told the new supervisor what was so all along.
            return
        } else {
            found = 0
            tell(record)
        }
    }

    private mutating func closeSpell() {
        guard let spell else { return }
        self.spell = nil
        guard spell.isSummedUp else { return spell.records.forEach { tell($0) } }
        told += spell.summary(subject: subject)
        lastTold = nil
        spell.trailing.forEach { tell($0) }
    }

    private mutating func tell(_ record: TransitionRecord) {
        // A process without a probe is ready as soon as there is one: that is one event to a person.
        defer { lastTold = record }
        if record.isWakeUp { return }
        if record.isReadyByStart, lastTold?.to == "starting", let index = told.indices.last {
            guard let evidence = record.evidence else { return }
            told[index].event.text = told[index].event.text.dropLast() + " (\(evidence))."
            return
        }
        told.append((record.sequence, TransitionSentence(record, subject: subject).event))
    }

    private mutating func tellFound(_ record: TransitionRecord) {
        found += 1
        var event = TransitionSentence(record, subject: subject).event
        let whom = subject == "It" ? "it" : subject.lowercased()
        let evidence = record.evidence.map { " (\($0))" } ?? ""
        guard found > 1, let index = told.indices.last else {
            event.text = "A new supervisor found \(whom) running\(evidence)."
            told.append((record.sequence, event))
            return
        }
        told[index].event.until = record.time
        told[index].event.text = "\(found) new supervisors, one after the other, found \(whom) running\(evidence)."
    }
}

extension TransitionRecord {
    /// Its process has been started, and there is nothing to wait for.
    fileprivate var isReadyByStart: Bool {
        from == "starting" && to == "ready" && (cause == "it has been started" || cause.contains("no probe to wait for"))
    }

    /// It had come to rest, and is to work again: told with its start.
    fileprivate var isWakeUp: Bool { to == "stopped" && evidence == nil && ["start", "restart", "run"].contains(cause) }
}
