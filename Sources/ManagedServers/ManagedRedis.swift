import Glibc

/// A private Redis as a cache: loopback only, a password, nothing on disk.
package enum ManagedRedis {
    static let program = "/usr/bin/redis-server"

    /// Creates the folder and configuration and says how to start the server.
    package static func prepare(directory: String, port: Int, password: String) throws(ManagedServerError) -> ManagedServerLaunch {
        try ConfigurationValue.check(password, "cache's password")
        try ConfigurationValue.check(port: port, "cache's port")
        guard access(program, X_OK) == 0 else {
            throw ManagedServerError(.notInstalled, "there is no \(program): apt-get install redis-server")
        }
        let folder = try ServerFolder(path: directory, user: try SystemUser.server(named: "redis", package: "redis-server"))
        // What has no time to live (the counters that say which cached answers are stale) must never be evicted: hence volatile-lru.
        try folder.write(
            """
            # Written by signalbox at every start: changes are lost.
            bind 127.0.0.1
            port \(port)
            requirepass \(password)
            daemonize no
            supervised no
            dir "\(directory.replacing("\\", with: "\\\\"))"
            logfile ""
            loglevel warning
            save ""
            appendonly no
            maxmemory 64mb
            maxmemory-policy volatile-lru
            tcp-backlog 128

            """, to: "redis.conf")
        return ManagedServerLaunch(
            executable: program, arguments: [folder.file("redis.conf")], environment: ManagedServerLaunch.baseEnvironment(home: directory),
            workingDirectory: directory, user: folder.user.isSwitched ? folder.user.name : nil)
    }
}
