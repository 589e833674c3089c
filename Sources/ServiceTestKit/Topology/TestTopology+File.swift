internal import FoundationEssentials
internal import Topology

extension TestTopology {
    /// What a topology file declares.
    /// - Throws: `TestKitError` where it cannot be read or holds mistakes, each with its line and column.
    public init(file path: String) throws {
        self.init()
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw TestKitError(
                "'\(path)' cannot be read; expected a topology file. A relative path begins in the test process's folder.",
                underlying: error)
        }
        do {
            add(try Topology.parse(text, file: path))
        } catch {
            throw TestKitError("The topology file cannot be used: \(error)", underlying: error)
        }
    }
}
