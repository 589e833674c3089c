/// Why a private server could not be prepared.
package struct ManagedServerError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// The server's program or its system user is missing: its Debian package is not installed.
        case notInstalled
        /// A folder or file of the server could not be made, read or given to its user.
        case fileSystem
        /// A name, password or path holds characters that the server's configuration cannot.
        case invalidValue
        /// `initdb` failed; its output is in the message.
        case initialization
    }

    package var code: Code
    /// For a person: what happened, to what, what to do.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
