import Glibc

extension ManagedRabbitMQ {
    /// Bytes of the largest table of names that is read.
    private static let longestTable = 64 << 20
    /// Older Raft servers that are in no table were left behind by a crash.
    private static let newFor = 60

    /// Whether every quorum queue of late is in the table from which a broker that was killed knows them again. Blocking.
    ///
    /// RabbitMQ makes a folder for each queue's Raft server at once, and writes the folder's name to `names.dets` some seconds late.
    /// - Parameter directory: as given to `prepare`.
    package static func hasSettled(directory: String) -> Bool {
        let folder = "\(directory)/mnesia/\(nodeName)/quorum/\(nodeName)"
        guard let entries = names(in: folder) else { return true }
        let servers = entries.filter { isNew("\(folder)/\($0)/config") }
        guard !servers.isEmpty else { return true }
        guard let table = contents("\(folder)/names.dets") else { return false }
        return servers.allSatisfy { table.contains(Array($0.utf8)) }
    }

    private static func isNew(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && time(nil) - status.st_mtim.tv_sec < newFor
    }

    private static func names(in folder: String) -> [String]? {
        guard let directory = opendir(folder) else { return nil }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    private static func contents(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count < longestTable {
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += chunk[..<count]
        }
        return nil
    }
}
