import Supervision
import Testing

@testable import Admin

@Suite struct StoryWriterTests {
    /// Builds transitions of `order`, each at its second after noon.
    private struct Records {
        var all: [TransitionRecord] = []

        mutating func add(
            _ second: Double, _ from: String, _ to: String, _ cause: String, _ evidence: String? = nil, instance: Int? = 1,
            actor: String = "signalbox"
        ) {
            all.append(
                TransitionRecord(
                    sequence: all.count + 1, time: LogTime.text(1_795_262_400 + second), service: "order", instance: instance, from: from,
                    to: to, cause: cause, evidence: evidence, actor: actor))
        }

        /// Ends by itself, once more, and is started again after a pause; `failed` instead at the end.
        mutating func crash(at second: Double, _ evidence: String = "status 1", last: Bool = false) {
            add(second, "starting", last ? "failed" : "backoff", "it ended by itself", evidence)
            if !last { add(second + 0.1, "backoff", "starting", "its time to wait before a restart is over") }
        }
    }

    private func status(
        _ state: ServiceStatus.State, reason: String? = nil, desired: Int = 1, ready: Int = 0, _ instances: [InstanceStatus] = []
    ) -> ServiceStatus {
        ServiceStatus(name: "order", kind: .service, state: state, reason: reason, desired: desired, ready: ready, instances: instances)
    }

    private func texts(_ records: Records, _ status: ServiceStatus, instance: Int? = nil) -> [String] {
        StoryWriter(records.all, status: status, instance: instance).story(limit: 100).events.map(\.text)
    }

    @Test func anOrdinaryLifeIsToldPlainly() {
        var records = Records()
        records.add(0, "stopped", "waiting", "it is declared")
        records.add(1, "waiting", "starting", "what it waited for is ready", "broker, database")
        records.add(2, "starting", "ready", "its readiness probe succeeded", "status 200")
        records.add(60, "ready", "unready", "its readiness probe failed 3 times", "status 503")
        records.add(61, "unready", "ready", "its readiness probe succeeded")
        records.add(90, "ready", "draining", "restart", actor: "uid 0, pid 4711")
        records.add(91, "draining", "stopping", "it has been drained")
        records.add(92, "stopping", "stopped", "it has ended", "status 0")
        #expect(
            texts(records, status(.ready, ready: 1)) == [
                "It waited for what it depends on: the topology declares it.",
                "It was started: what it waited for is ready (broker, database).",
                "It became ready: its readiness probe succeeded (status 200).",
                "It stopped being ready: its readiness probe failed 3 times; the last answer was: status 503.",
                "It became ready: its readiness probe succeeded.",
                "It was taken out of the gateway to be ended, as root (pid 4711) asked.", "It was asked to end.",
                "It ended with status 0.",
            ])
    }

    @Test func restartsInARowAreSummedUp() {
        var records = Records()
        records.add(0, "stopped", "starting", "it is declared")
        records.add(0, "starting", "ready", "it has been started", "pid 17")
        records.add(10, "ready", "unready", "its main process has ended", "status 1")
        records.add(10, "ready", "starting", "it ended by itself", "status 1")
        for number in 1...8 { records.crash(at: 10 + Double(number) * 0.2) }
        records.crash(at: 12, last: true)
        let story = StoryWriter(records.all, status: status(.failed, reason: "it ended 10 times within 60 s")).story(limit: 100)
        #expect(
            story.events.map(\.text) == [
                "It was started: the topology declares it (pid 17).",
                "It ended 10 times within 2 s, each time with status 1; after the 10th it was given up.",
            ])
        #expect(story.events[1].time == LogTime.text(1_795_262_410))
        #expect(story.events[1].until == LogTime.text(1_795_262_412))
        #expect(story.events[1].importance == .bad)
        #expect(story.now == ["order has failed and waits for a person: it ended 10 times within 60 s."])
        #expect(story.advice.contains { $0.contains("signalbox start order") })
        #expect(story.advice.contains { $0.contains("signalbox logs order") })
    }

    @Test func differentEndsAreCounted() {
        var records = Records()
        records.crash(at: 0)
        records.crash(at: 1, "signal 9 (KILL)")
        records.crash(at: 2)
        records.crash(at: 3, "out of memory")
        records.add(4, "starting", "ready", "its readiness probe succeeded")
        #expect(
            texts(records, status(.ready, ready: 1)) == [
                "It ended 4 times within 3 s, with status 1 twice, by signal 9 (KILL) once, because it was out of memory once; then it became ready."
            ])
    }

    @Test func anEndLongAfterTheLastIsAnotherMatter() {
        var records = Records()
        records.crash(at: 0)
        records.add(1, "starting", "ready", "its readiness probe succeeded")
        records.add(4000, "ready", "starting", "it ended by itself", "signal 11 (SEGV)")
        records.add(4001, "starting", "ready", "its readiness probe succeeded")
        #expect(
            texts(records, status(.ready, ready: 1)) == [
                "It ended by itself with status 1; it was to be started again after a pause.", "It was started again.",
                "It became ready: its readiness probe succeeded.", "It was ended by signal 11 (SEGV), and was started again at once.",
                "It became ready: its readiness probe succeeded.",
            ])
    }

    @Test func aProbeThatKillsIsNamedWithEachEnd() {
        var records = Records()
        for second in stride(from: 0.0, to: 30, by: 10) {
            records.add(second, "ready", "stopping", "its liveness probe failed 3 times", "timed out after 1 s")
            records.add(second + 1, "stopping", "backoff", "its liveness probe failed 3 times", "signal 15 (TERM)")
            records.add(second + 2, "backoff", "starting", "its time to wait before a restart is over")
            records.add(second + 3, "starting", "ready", "its readiness probe succeeded")
        }
        records.add(40, "ready", "unready", "its readiness probe failed 3 times", "status 503")
        #expect(
            texts(records, status(.degraded)) == [
                "It was asked to end: its liveness probe failed 3 times; the last answer was: timed out after 1 s.",
                "It ended 3 times within 20 s, each time by signal 15 (TERM); each time because its liveness probe failed 3 times; then it became ready.",
                "It stopped being ready: its readiness probe failed 3 times; the last answer was: status 503.",
            ])
    }

    @Test func scalingIsTheServices() {
        var records = Records()
        records.add(
            0, "1 desired", "3 desired", "scaled from 1 to 3 by its rule", "600 messages ready in q, 200 an instance", instance: nil)
        records.add(9, "3 desired", "5 desired", "scaled from 3 to 5", instance: nil, actor: "admin token")
        #expect(
            texts(records, status(.ready, desired: 5, ready: 5)) == [
                "It was scaled from 1 to 3 by its rule (600 messages ready in q, 200 an instance).",
                "It was scaled from 3 to 5, as somebody with the admin token asked.",
            ])
    }

    @Test func instancesAreToldApartAndOneCanBeAskedFor() {
        var records = Records()
        records.add(0, "stopped", "starting", "it is declared", instance: 1)
        records.add(0, "stopped", "starting", "it is declared", instance: 2)
        records.add(1, "starting", "failed", "it could not be started", "there is no command shop", instance: 2)
        #expect(
            texts(records, status(.failed)) == [
                "Instance 1 was started: the topology declares it.", "Instance 2 was started: the topology declares it.",
                "Instance 2 was given up: it could not be started (there is no command shop).",
            ])
        #expect(
            texts(records, status(.failed), instance: 2) == [
                "It was started: the topology declares it.", "It was given up: it could not be started (there is no command shop).",
            ])
        let advice = StoryWriter(records.all, status: status(.failed)).story(limit: 9).advice
        #expect(advice.first?.hasPrefix("Correct its command") == true)
    }

    @Test func supervisorsThatComeAndGoAreOneSentence() {
        var records = Records()
        records.add(0, "stopped", "ready", "it was found running", "pid 17")
        #expect(texts(records, status(.ready, ready: 1)) == ["A new supervisor found it running (pid 17)."])
        for second in 1...5 {
            records.add(Double(second), "stopped", "starting", "it was found running", "pid 17")
            records.add(Double(second) + 0.5, "starting", "ready", "its readiness probe succeeded")
        }
        #expect(texts(records, status(.ready, ready: 1)) == ["6 new supervisors, one after the other, found it running (pid 17)."])
    }

    @Test func aRunByHandIsOneSentenceAndItsEndAnother() {
        var records = Records()
        records.add(0, "completed", "stopped", "run", actor: "uid 0, pid 4")
        records.add(0, "stopped", "starting", "run", actor: "uid 0, pid 4")
        records.add(0.1, "starting", "ready", "it is up, and has no probe to wait for")
        records.add(1, "ready", "ending", "its main process has ended", "status 0")
        records.add(1, "ending", "completed", "it has done its work", "status 0")
        #expect(
            texts(records, status(.completed)) == [
                "It was started, as root (pid 4) asked.", "It has done its work and ended with status 0.",
            ])
    }

    @Test func wordsThatAreNewAreToldAsTheyStand() {
        var records = Records()
        records.add(0, "ready", "somewhere", "of a cause", "seen", actor: "uid 1000, pid 5")
        records.add(1, "updating", "rolled back", "the new one was not ready within 60 s", "status 503", instance: nil)
        #expect(
            texts(records, status(.ready, ready: 1)) == [
                "It went from ready to somewhere: of a cause (seen), as user 1000 (pid 5) asked.",
                "Its update was rolled back: the new one was not ready within 60 s (status 503).",
            ])
    }

    @Test func aReplacementIsToldFromARestart() {
        var records = Records()
        records.add(0, "ready", "replacing", "its declaration has changed", actor: "uid 0, pid 9")
        records.add(0.1, "new stopped", "new starting", "its declaration has changed")
        records.add(0.9, "new starting", "new ready", "its readiness probe succeeded")
        records.add(1, "replacing", "ready", "its replacement is ready")
        records.add(1.1, "old ready", "old stopping", "another process has taken its place")
        records.add(1.2, "old stopping", "old stopped", "it has ended", "status 0")
        records.add(2, "ready", "replacing", "restart", actor: "admin token")
        records.add(3, "replacing", "ready", "its replacement did not come up", "status 503")
        #expect(
            texts(records, status(.ready, ready: 1)) == [
                "It began to be replaced: its declaration has changed, as root (pid 9) asked.",
                "Its new process was started: its declaration has changed.",
                "Its new process became ready: its readiness probe succeeded.", "It was replaced: its new process is ready.",
                "Its outgoing process was asked to end: another process has taken its place.", "Its outgoing process ended with status 0.",
                "It began to be replaced, as somebody with the admin token asked.",
                "It stays as it is, ready: its replacement did not come up (status 503).",
            ])
    }

    @Test func whatItIsNowComesWithWhatToDo() {
        let waiting = StoryWriter([], status: status(.waiting, reason: "waits for broker, database")).story(limit: 9)
        #expect(waiting.now == ["order waits for broker, database."])
        #expect(waiting.advice.first == "signalbox why broker tells what keeps broker from being there.")
        let troubled = StoryWriter(
            [],
            status: status(
                .degraded, desired: 2, ready: 1,
                [
                    InstanceStatus(instance: 1, state: "ready", pid: 7),
                    InstanceStatus(instance: 2, state: "backoff", restarts: 4, lastExit: "status 1"),
                ])
        ).story(limit: 9)
        #expect(
            troubled.now == [
                "order does not do all its work: 1 of 2 instances are ready.",
                "Instance 2 is backoff, restarted 4 times: it ended last with status 1.",
            ])
        #expect(troubled.advice.count == 2)
        #expect(StoryWriter([], status: status(.ready, ready: 1)).story(limit: 9).advice.isEmpty)
        #expect(
            StoryWriter([], status: status(.stopped, reason: "stopped by admin token")).story(limit: 9).advice == [
                "signalbox start order brings it back."
            ])
        #expect(
            StoryWriter([], status: status(.scheduled, reason: "next run at 03:00")).story(limit: 9).advice == [
                "signalbox run order runs it now."
            ])
        let memory = Records()
        var records = memory
        records.crash(at: 0, "out of memory", last: true)
        #expect(StoryWriter(records.all, status: status(.failed)).story(limit: 9).advice.first?.contains("limits.memory") == true)
    }

    @Test func onlyTheNewestSentencesAreKept() {
        var records = Records()
        for second in 0..<100 { records.add(Double(second), "unready", "ready", "its readiness probe succeeded", "\(second)") }
        let story = StoryWriter(records.all, status: status(.ready)).story(limit: 5)
        #expect(story.events.count == 5)
        #expect(story.events.last?.text.hasSuffix("(99).") == true)
    }

    @Test func itIsLaidOutForATerminal() {
        let story = Story(
            service: "order", state: "failed", now: ["order has failed."],
            events: [.init(time: "t1", text: "It ended by itself with status 1, and was given up.", importance: .bad)], advice: ["Do this."]
        )
        #expect(
            story.lines(style: .plain, width: 40) { _ in "12:00" } == [
                "order has failed.", "", "12:00  It ended by itself with status 1,", "       and was given up.", "", "→ Do this.",
            ])
        #expect(story.lines(style: .plain) { _ in "12:00" }.count == 5)
    }

    @Test func spansAndOrdinalsAreWords() {
        #expect(StoryWords.span(0.04) == "0.1 s")
        #expect(StoryWords.span(2) == "2 s")
        #expect(StoryWords.span(2.34) == "2.3 s")
        #expect(StoryWords.span(75) == "1 min 15 s")
        #expect(StoryWords.span(7200) == "2 h")
        #expect(StoryWords.span(90_000) == "1 d 1 h")
        #expect(StoryWords.span(.nan) == "0 s")
        #expect(
            [1, 2, 3, 4, 11, 12, 13, 21, 102, 111].map(StoryWords.ordinal) == [
                "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "111th",
            ])
    }
}
