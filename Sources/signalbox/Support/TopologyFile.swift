import Admin
import FoundationEssentials
import Supervision
import Topology

/// Reads and checks a topology file for a person.
enum TopologyFile {
    /// Bytes; the largest that anyone writes is a thousandth of it.
    private static let maximumSize = 8 << 20

    /// - Throws: every mistake as `file:line:column: error: …`, a line each, with the given exit status.
    static func load(_ location: TopologyLocation, failingWith status: Int32) throws(CommandFailure) -> Topology {
        let text = try read(location)
        do {
            return try Topology.parse(text, file: location.shownFile, contracts: ContractFiles.reader(beside: location.shownFile))
        } catch {
            Terminal.note(error.description)
            let count = error.mistakes.count
            throw CommandFailure(
                "\(location.shownFile) has \(count == 1 ? "a mistake" : "\(count) mistakes"); nothing has been started or changed.",
                status: status)
        }
    }

    /// For what is only worth saying when the file is right.
    static func quietly(_ location: TopologyLocation) throws -> Topology {
        try Topology.parse(
            try read(location), file: location.shownFile, contracts: ContractFiles.reader(beside: location.shownFile))
    }

    private static func read(_ location: TopologyLocation) throws(CommandFailure) -> String {
        guard let data = FileManager.default.contents(atPath: location.file) else {
            let isThere = FileManager.default.fileExists(atPath: location.file)
            throw CommandFailure(
                isThere
                    ? "\(location.file) cannot be read. Is it a file, and yours to read?"
                    : "There is no \(location.shownFile). Go to the folder that has one, or name it with: --file path/to/topology.yaml",
                status: CommandFailure.configuration)
        }
        guard data.count <= maximumSize, let text = String(data: data, encoding: .utf8) else {
            throw CommandFailure("\(location.shownFile) is not a text file in UTF-8.", status: CommandFailure.configuration)
        }
        return text
    }
}
