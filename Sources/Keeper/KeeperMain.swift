/// The keeper process.
package enum KeeperMain {
    /// The status of a supervisor that found its configuration wrong (EX_CONFIG); the keeper ends with it, unless something runs.
    package static let configurationErrorStatus: Int32 = 78

    /// Runs the keeper until the supervisor has exited with 0, or with 78 while nothing else runs, or until it was told to stop, and nothing
    /// is left. To be called once, in a process that does nothing else.
    ///
    /// - Returns: the status to exit with: 0 when all was taken down in order, 78 as the supervisor's, 1 when it had to be forced or
    ///   could not
    ///   start (the reason is on standard error).
    package static func run(_ configuration: KeeperConfiguration) -> Int32 {
        do throws(KeeperError) {
            return try Keeper(configuration).run()
        } catch {
            StandardError.note(error.message)
            return 1
        }
    }
}
