import Foundation
import ServiceKit

/// Answers requests over the bus: the folders under one root (queue `FileBrowser`) and the CSV files there (queue `ReadCsvFile`).
struct FilesService: Sendable {
    static let browserQueue = "FileBrowser"
    static let csvQueue = "ReadCsvFile"

    let application: ServiceApplication
    let root: FileRoot
    /// Reading files blocks, which the cooperative pool must not.
    private let thread = DispatchQueue(label: "files", attributes: .concurrent)

    init(application: ServiceApplication, environment: ServiceEnvironment) throws {
        self.application = application
        guard let path = environment.values["FILES_ROOT"], !path.isEmpty else {
            throw ServiceProblem(
                status: 500, title: "FILES_ROOT is not set",
                detail: "set it to the folder to serve, in the environment of the files service in topology.yaml")
        }
        root = FileRoot(path: path)
        do {
            _ = try root.openFolder("")
        } catch {
            throw ServiceProblem(
                status: 500, title: "FILES_ROOT cannot be opened",
                detail: "\(path) is no folder that the service may read; set FILES_ROOT in topology.yaml to one")
        }
    }

    func install() {
        application.answer(queue: Self.browserQueue) { request in
            let path = request.parameters["path"] ?? ""
            return try await read { try BusReply(json: try FolderListing(path: path, in: root)) }
        }
        application.answer(queue: Self.csvQueue) { request in
            guard let path = request.parameters["path"], !path.isEmpty else {
                throw ServiceProblem(status: 400, title: "No path", detail: "say which file: /files/csv?path=products.csv")
            }
            let page = try Self.number(request.parameters["page"], named: "page", in: 1...Int.max, otherwise: 1)
            let size = try Self.number(
                request.parameters["page_size"], named: "page_size", in: CSVPage.sizes, otherwise: CSVPage.defaultSize)
            return try await read {
                try BusReply(json: try CSVPage(path: path, page: page, pageSize: size, in: root, until: request.deadline))
            }
        }
    }

    private func read(_ body: @escaping @Sendable () throws -> BusReply) async throws -> BusReply {
        do {
            return try await withCheckedThrowingContinuation { continuation in
                thread.async { continuation.resume(with: Result(catching: body)) }
            }
        } catch let error as FileAccessError {
            throw ServiceProblem(error)
        } catch let error as CSVParser.RowTooLong {
            throw ServiceProblem(
                status: 422, title: "Not a CSV file",
                detail: "row \(error.row) is longer than \(CSVParser.maximumRowBytes) bytes; is a closing quote missing?")
        }
    }

    private static func number(_ text: String?, named name: String, in range: ClosedRange<Int>, otherwise: Int) throws -> Int {
        guard let text else { return otherwise }
        guard let number = Int(text), range.contains(number) else {
            let expected = range.upperBound == .max ? "a number from \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
            throw ServiceProblem(status: 400, title: "Bad \(name)", detail: "\(name) is \(text.prefix(32)), expected \(expected)")
        }
        return number
    }
}

extension ServiceProblem {
    init(_ error: FileAccessError) {
        switch error {
        case .invalid(let what): self.init(status: 400, title: "Bad path", detail: what)
        case .notFound(let path): self.init(status: 404, title: "Not found", detail: "there is no \(path) under the root")
        case .notAFolder(let path):
            self.init(status: 400, title: "Not a folder", detail: "\(path) does not lead to a folder under the root")
        case .notAFile(let path): self.init(status: 400, title: "Not a file", detail: "\(path) is not a regular file under the root")
        case .forbidden(let path): self.init(status: 403, title: "Not readable", detail: "the service may not read \(path)")
        case .failed(let path, let code):
            self.init(status: 500, title: "Cannot be read", detail: "\(path) cannot be read: \(String(cString: strerror(code)))")
        case .rootMissing: self.init(status: 500, title: "No root", detail: "the folder that FILES_ROOT names cannot be opened")
        }
    }
}
