import Glibc

/// Debian keeps each major version of PostgreSQL in its own folder.
enum PostgreSQLInstallation {
    static let root = "/usr/lib/postgresql"

    /// The folder of the programs to run a cluster with.
    /// - Parameter version: what its PG_VERSION says; nil for a new cluster, which gets the newest that is installed.
    static func programs(forClusterOf version: String?) throws(ManagedServerError) -> String {
        let installed = versions()
        guard let version else {
            guard let newest = installed.max() else {
                throw ManagedServerError(.notInstalled, "there is no PostgreSQL in \(root): apt-get install postgresql")
            }
            return "\(root)/\(newest)/bin"
        }
        guard let number = Int(version.filter { !$0.isWhitespace }), installed.contains(number) else {
            throw ManagedServerError(
                .notInstalled,
                "the database was made by PostgreSQL \(version.filter { !$0.isWhitespace }), which is not installed: "
                    + "apt-get install postgresql-\(version.filter { !$0.isWhitespace }), or move the data over with pg_upgrade")
        }
        return "\(root)/\(number)/bin"
    }

    private static func versions() -> [Int] {
        guard let folder = opendir(root) else { return [] }
        defer { closedir(folder) }
        var versions: [Int] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let version = Int(name), access("\(root)/\(version)/bin/postgres", X_OK) == 0,
                access("\(root)/\(version)/bin/initdb", X_OK) == 0
            {
                versions.append(version)
            }
        }
        return versions
    }
}
