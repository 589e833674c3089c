import NIOPosix
import Supervision

/// All logs of a topology, as the endpoints read them.
struct Logs: Sendable {
    let control: any SupervisorControl
    let folder: String

    func listing(_ selection: LogSelection) async throws -> LogListing {
        let declared = await control.logFiles(service: nil)
        return try await NIOThreadPool.singleton.runIfActive {
            LogFolder.listing(declared: declared, folder: folder, selection)
        }
    }

    func reader(_ query: LogQuery) async throws -> LogReader {
        try await LogReader(listing(query.selection), from: query.start, query.filter)
    }

    /// One answer; while it would be empty it waits for as long as the query says.
    func page(_ query: LogQuery) async throws -> (page: LogPage, pager: LogPager) {
        let deadline = ContinuousClock.now + query.wait
        var reader = try await reader(query)
        while true {
            let page = try await reader.page(LogPage(maximumLines: query.limit))
            guard page.lines.isEmpty, .now < deadline else { return (page, reader.pager) }
            try await Task.sleep(for: LogFollower.pollInterval)
            reader.track(try await listing(query.selection))
        }
    }
}
