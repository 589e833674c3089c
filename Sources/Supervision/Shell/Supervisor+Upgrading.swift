import Keeper
import Logging

extension Supervisor {
    /// How long a new executable may take to say its version.
    static let versionPatience = Duration.seconds(5)
    /// Between the answer to whoever asked and our end, so that it reaches them.
    static let farewell = Duration.milliseconds(200)

    /// Has another executable take the supervisor's place; nothing of what runs notices. Returns once it is certain, shortly before this
    /// supervisor ends. A successor that does not come up is replaced by this one's executable again: that is the keeper's doing.
    ///
    /// - Parameter executable: an absolute path; nil: the path of the one that runs, where there may be another file by now.
    /// - Throws: `.invalidExecutable` when it does not run: nothing was changed then.
    package func upgrade(executable: String?, actor: String) async throws(SupervisorError) {
        guard !reducer.isShuttingDown, !isFinished else {
            throw SupervisorError(.conflict, "everything is being taken down; the supervisor is not replaced")
        }
        let path = executable ?? configuration.executable
        guard path.hasPrefix("/") else {
            throw SupervisorError(.invalidExecutable, "\(path) is no absolute path: name the executable from / on")
        }
        try await Self.tryVersion(of: path)
        do { try await keeper.replaceSupervisor(executable: executable) } catch {
            throw SupervisorError(error.code == .stopping ? .conflict : .keeper, error.message, underlying: error)
        }
        record(
            Transition(
                service: "signalbox", instance: nil, from: "running", to: "replaced", cause: "the supervisor was upgraded",
                evidence: path, actor: actor))
        enqueue {
            try? await Task.sleep(for: Self.farewell)
            await self.finish()
        }
    }

    /// An executable that cannot even say its version must not take our place.
    private static func tryVersion(of path: String) async throws(SupervisorError) {
        let command = CommandRun([path, "--version"], as: ProbeTarget(port: nil, environment: ["PATH": "/usr/bin:/bin"]))
        let answer: ProbeAnswer? = await withCheckedContinuation { continuation in
            let isStarted = command.start(timeout: versionPatience) { continuation.resume(returning: $0) }
            if !isStarted { continuation.resume(returning: nil) }
        }
        switch answer {
        case .success: return
        case .failure(let reason): throw SupervisorError(.invalidExecutable, "\(path) --version: \(reason); the supervisor stays as it is")
        case nil: throw SupervisorError(.conflict, "\(path) cannot be tried now, for want of processes or memory; try again")
        }
    }
}
