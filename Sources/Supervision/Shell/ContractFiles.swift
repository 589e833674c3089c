import FoundationEssentials
package import Topology

/// The folder of the recorded contracts, read for the checks of a topology file.
package enum ContractFiles {
    /// Bytes of one record; the largest that a type gives is a hundredth of it.
    private static let maximumSize = 1 << 20
    private static let maximumCount = 10_000

    /// - Parameter file: the topology file; the folder's path is relative to its own.
    package static func reader(beside file: String) -> (_ folder: String) -> ContractSource {
        { folder in
            let home = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
            return read(folder.hasPrefix("/") ? folder : home + folder)
        }
    }

    private static func read(_ folder: String) -> ContractSource {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) else { return .absent }
        guard isFolder else { return .unreadable("it is no folder") }
        do {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }.sorted()
            guard names.count <= maximumCount else { return .unreadable("it holds more than \(maximumCount) files") }
            var files: [ContractFile] = []
            for name in names {
                let path = (folder.hasSuffix("/") ? folder : folder + "/") + name
                guard let data = FileManager.default.contents(atPath: path), data.count <= maximumSize,
                    let text = String(data: data, encoding: .utf8)
                else { return .unreadable("\(name) is no text file of at most \(maximumSize) bytes that can be read") }
                files.append(ContractFile(path: path, text: text))
            }
            return .files(files)
        } catch {
            return .unreadable("\(error)")
        }
    }
}
