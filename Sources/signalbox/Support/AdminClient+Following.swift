import Admin
import FoundationEssentials
import HTTPClient

extension AdminClient {
    /// Hands on the data of each server-sent event, for as long as Signalbox runs: when its supervisor is replaced, it asks again.
    /// - Parameter path: asked before each connection, so that it can name what has been seen.
    func follow(_ path: () -> String, _ handle: (Substring) async throws -> Void) async throws {
        while true {
            do {
                for try await line in try await lines(path()) where line.hasPrefix("data: ") {
                    try await handle(line.dropFirst("data: ".count))
                }
            } catch is HTTPClientError {
                // The connection broke. Whether Signalbox is still there is asked next.
            }
            guard KeeperLock.isHeld(location.lockPath) else {
                throw CommandFailure("Signalbox has been stopped.", status: 0)
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}
