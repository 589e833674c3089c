import Logging
internal import Synchronization

/// Keeps the small files of the state directory up to date in the background, and tries again what could not be written.
///
/// `save` and `retry` are the supervisor's alone to call, so that an older version of a file never takes a newer one's place.
final class StateSaver: Sendable {
    typealias Write = @Sendable () throws(SupervisorError) -> Void

    private struct Unsaved {
        var what: String
        var problem: String
        var version: Int
        var write: Write

        func failed(_ problem: String) -> Unsaved {
            var unsaved = self
            unsaved.problem = problem
            return unsaved
        }
    }

    private struct State {
        /// By file: how often it was to be saved.
        var versions: [String: Int] = [:]
        var unsaved: [String: Unsaved] = [:]
    }

    private let writer: StateWriter
    private let logger: Logger
    private let state = Mutex(State())

    init(writer: StateWriter, logger: Logger) {
        self.writer = writer
        self.logger = logger
    }

    /// - Parameter what: for people: `what is to be remembered`.
    func save(_ what: String, to path: String, _ write: @escaping Write) {
        let version = state.withLock { state in
            let version = state.versions[path, default: 0] + 1
            state.versions[path] = version
            return version
        }
        submit(Unsaved(what: what, problem: "", version: version, write: write), path)
    }

    /// To be called now and then.
    func retry() {
        for (path, unsaved) in state.withLock(\.unsaved) { submit(unsaved, path) }
    }

    /// What cannot be kept at this moment, and why, for a person.
    var problem: String? {
        state.withLock(\.unsaved).min { $0.key < $1.key }.map { "\($0.value.what) cannot be kept: \($0.value.problem)" }
    }

    func problem(of path: String) -> String? { state.withLock { $0.unsaved[path]?.problem } }

    /// What was to be saved last is not to be any more.
    func drop(_ path: String) {
        state.withLock { state in
            state.versions[path, default: 0] += 1
            state.unsaved[path] = nil
        }
    }

    private func submit(_ unsaved: Unsaved, _ path: String) {
        writer.replace(path) { [self] in
            guard state.withLock({ $0.versions[path] == unsaved.version }) else { return }
            do throws(SupervisorError) {
                try unsaved.write()
                state.withLock { $0.unsaved[path] = nil }
            } catch {
                let message = error.message
                let isNews = state.withLock { state in
                    let before = state.unsaved[path]?.problem
                    state.unsaved[path] = state.versions[path] == unsaved.version ? unsaved.failed(message) : nil
                    return before != message
                }
                if isNews { logger.error("cannot keep \(unsaved.what), and will try again: \(message)") }
            }
        }
    }
}
