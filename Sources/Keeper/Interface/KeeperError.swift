package struct KeeperError: Error, Codable, Sendable, Equatable {
    package enum Code: String, Codable, Sendable {
        /// A process of that id runs, or is not quite gone.
        case alreadyRunning
        case unknownProcess
        /// The process has ended already.
        case notRunning
        /// A mistake in what was asked for: an empty id, a relative path, a socket that was not opened.
        case invalidSpecification
        case unknownUser
        /// The process could not be started; `underlying` has the step (chdir, execve, …) and the reason.
        case cannotStart
        case cannotListen
        case unknownSocket
        /// Another keeper holds the state directory.
        case alreadyKept
        /// The state directory cannot be used, or what an earlier keeper left cannot be ended.
        case cannotKeep
        /// The keeper is stopping and starts nothing more.
        case stopping
        case unknownCommand
        case protocolViolation
        case timedOut
        /// The keeper is gone.
        case disconnected
    }

    package var code: Code
    /// What happened, to what, and what to do.
    package var message: String
    package var underlying: SystemError?

    package init(_ code: Code, _ message: String, underlying: SystemError? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }
}

extension KeeperError: CustomStringConvertible {
    package var description: String { message }
}
