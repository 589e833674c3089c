import Glibc

/// Finds spans in the store's files.
package struct TraceSearch: Sendable {
    /// Spans that are handed back; those beyond it are counted.
    package static let maximumSpans = 10_000
    /// A file of ours is hardly larger than `SpanFileWriter.maximumFileSize`; what is larger than this is none.
    static let maximumFileSize = 16 << 20

    package struct Result: Sendable, Equatable {
        package var spans: [RecordedSpan] = []
        package var omitted = 0
        /// Files that could not be read, mostly because they are another user's.
        package var unreadable = 0

        package init() {}
    }

    let folder: TraceFolder

    package init(_ folder: TraceFolder) { self.folder = folder }

    /// - Throws: `.unreadable` when the folder is there and may not be looked into.
    package func find(_ query: TraceQuery) throws(TraceStoreError) -> Result {
        guard access(folder.path, F_OK) == 0 else { return Result() }
        guard access(folder.path, R_OK | X_OK) == 0 else {
            throw TraceStoreError(
                .unreadable, "The traces in \(folder.path) belong to another user; run the command as the one who runs Signalbox (sudo).")
        }
        let names = folder.entries().filter { $0.isFile && $0.name.hasSuffix(SpanFileWriter.suffix) && $0.size <= Self.maximumFileSize }
            .map(\.name).sorted()
        var result = Result()
        let traces: Set<TraceID>
        switch query {
        case .trace(let id): traces = [id]
        case .subject(let subject):
            var found: Set<TraceID> = []
            for name in names { scan(name, for: subject, into: &found) }
            guard !found.isEmpty else {
                result.unreadable = names.count { read($0) == nil }
                return result
            }
            traces = found
        }
        for name in names { collect(traces, from: name, into: &result) }
        return result
    }

    private func scan(_ name: String, for subject: String, into traces: inout Set<TraceID>) {
        guard let bytes = read(name) else { return }
        let header = SpanLine.Header(service: "", instance: "")
        var wanted: [UInt8] = []
        wanted.append(quoted: subject)
        for line in bytes.lines(containing: wanted) {
            if let span = SpanLine.span(line, of: header), span.subject == subject { traces.insert(span.traceID) }
        }
    }

    private func collect(_ traces: Set<TraceID>, from name: String, into result: inout Result) {
        guard let bytes = read(name) else {
            result.unreadable += 1
            return
        }
        var lines = bytes[...]
        guard let first = lines.popLine(), let header = SpanLine.header(first) else { return }
        while let line = lines.popLine() {
            guard let id = SpanLine.traceID(of: line), traces.contains(id), let span = SpanLine.span(line, of: header) else { continue }
            if result.spans.count < Self.maximumSpans { result.spans.append(span) } else { result.omitted += 1 }
        }
    }

    /// Nil where it cannot be read. It is read rather than mapped: whoever owns it may cut it short at any moment.
    private func read(_ name: String) -> [UInt8]? {
        let descriptor = open("\(folder.path)/\(name)", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= Self.maximumFileSize else {
            return nil
        }
        let size = Int(status.st_size)
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let portion = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
                guard portion > 0 else { return }
                count += portion
            }
        }
    }
}
