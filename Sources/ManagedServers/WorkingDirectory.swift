import Glibc

enum WorkingDirectory {
    /// Whether a process works in `folder` (an absolute path without symbolic links). Processes of other users are seen by root alone.
    static func isUsed(_ folder: String) -> Bool {
        guard let processes = opendir("/proc") else { return false }
        defer { closedir(processes) }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        while let entry = readdir(processes) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let first = name.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { continue }
            let count = readlink("/proc/\(name)/cwd", &buffer, buffer.count)
            if count > 0 && String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) == folder { return true }
        }
        return false
    }
}
