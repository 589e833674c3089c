import Foundation
import Synchronization

/// A shell script that reads our end's lines, or its closing when this process ends, however it ends, as descriptor 3.
package final class GuardedScript: Sendable {
    private struct State {
        var pipe: Int32?
        var status: Int32?
    }

    private let process: pid_t
    private let state: Mutex<State>

    package init(_ script: String, arguments: [String], logFile: String) throws {
        let started = try GuardianShell.start(
            script, arguments: arguments, environment: ProcessInfo.processInfo.environment, logFile: logFile)
        process = started.process
        state = Mutex(State(pipe: started.pipe))
    }

    deinit {
        end()
    }

    /// Nil while it runs.
    package var status: Int32? {
        state.withLock { state in
            if state.status == nil {
                var status: Int32 = 0
                if waitpid(process, &status, WNOHANG) == process {
                    state.status = status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
                }
            }
            return state.status
        }
    }

    package func send(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        state.withLock { state in
            if let pipe = state.pipe { _ = write(pipe, bytes, bytes.count) }
        }
    }

    package func end() {
        state.withLock { state in
            if let pipe = state.pipe { close(pipe) }
            state.pipe = nil
        }
    }
}
