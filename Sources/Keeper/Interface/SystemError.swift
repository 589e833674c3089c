import Glibc

/// A system call that failed.
package struct SystemError: Error, Codable, Sendable, Equatable {
    /// The call or the step of which it was a part, for instance "execve".
    package var step: String
    package var number: Int32

    package init(step: String, number: Int32) {
        self.step = step
        self.number = number
    }

    /// The error of the call just made.
    package static func last(_ step: String) -> SystemError {
        SystemError(step: step, number: errno)
    }
}

extension SystemError: CustomStringConvertible {
    package var reason: String { String(cString: strerror(number)) }
    package var description: String { "\(step): \(reason)" }
}
