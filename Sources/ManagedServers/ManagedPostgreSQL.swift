import Glibc

/// A private PostgreSQL: TCP on loopback and a Unix socket in its folder, passwords by SCRAM everywhere, superuser `postgres`.
package enum ManagedPostgreSQL {
    /// What a crash of the host may cost.
    package enum Durability: Sendable {
        /// Nothing that was committed.
        case crashSafe
        /// Everything, though a crash of the server alone costs nothing: for tests, which gain speed.
        case disposable
    }

    /// Creates the cluster where there is none yet (this takes seconds, and blocks the calling thread), brings the configuration up to date,
    /// and says how to start the server.
    ///
    /// The superuser's password is set when the cluster is created: a later call with another one does not change it.
    package static func prepare(
        directory: String, port: Int, superuserPassword: String, durability: Durability = .crashSafe
    ) throws(ManagedServerError) -> ManagedServerLaunch {
        try ConfigurationValue.check(superuserPassword, "database superuser's password")
        try ConfigurationValue.check(port: port, "database's port")
        let folder = try ServerFolder(path: directory, user: try SystemUser.server(named: "postgres", package: "postgresql"))
        let programs = try PostgreSQLInstallation.programs(forClusterOf: folder.read("data/PG_VERSION"))
        if !folder.exists("data/PG_VERSION") {
            try initialize(folder, programs: programs, password: superuserPassword, durability: durability)
        }
        removeStaleLock(folder)
        try folder.write(accessRules, to: "pg_hba.conf")
        try folder.write(configuration(directory: directory, port: port, durability: durability), to: "postgresql.conf")
        return ManagedServerLaunch(
            executable: "\(programs)/postgres",
            arguments: ["-D", folder.file("data"), "-c", "config_file=\(folder.file("postgresql.conf"))"],
            environment: ManagedServerLaunch.baseEnvironment(home: directory), workingDirectory: directory,
            user: folder.user.isSwitched ? folder.user.name : nil, stopSignal: "INT")
    }

    /// Into `data.new`, renamed when it is whole: an interrupted initdb must not pass for a cluster.
    private static func initialize(
        _ folder: ServerFolder, programs: String, password: String, durability: Durability
    ) throws(ManagedServerError) {
        try folder.write(password, to: "initial-password")
        defer { folder.remove("initial-password") }
        let fresh = folder.file("data.new")
        let environment = ManagedServerLaunch.baseEnvironment(home: folder.path)
        var arguments = [
            "\(programs)/initdb", "--pgdata=\(fresh)", "--username=postgres", "--pwfile=\(folder.file("initial-password"))",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums",
        ]
        if durability == .disposable { arguments.append("--no-sync") }
        let commands = [["/bin/rm", "-rf", fresh, folder.file("data")], arguments, ["/bin/mv", "-T", fresh, folder.file("data")]]
        for command in commands {
            let result = try ForegroundTool.run(command, environment: environment, as: folder.user)
            guard result.status == 0 else {
                throw ManagedServerError(
                    .initialization, "\(command[0]) could not make the database cluster in \(folder.path): \(result.output)")
            }
        }
    }

    /// PostgreSQL refuses to start when the process number in its lock file lives, though it may by now be anybody's. It keeps the decision
    /// where the number is dead: then it also looks for surviving backends.
    private static func removeStaleLock(_ folder: ServerFolder) {
        guard let lock = folder.read("data/postmaster.pid"), let line = lock.split(separator: "\n").first, let pid = pid_t(line),
            kill(pid, 0) == 0 || errno == EPERM, let data = realpath(folder.file("data"), nil)
        else { return }
        defer { free(data) }
        // Every process of a cluster works in its data folder.
        if !WorkingDirectory.isUsed(String(cString: data)) { folder.remove("data/postmaster.pid") }
    }

    private static let accessRules = """
        # Written by signalbox at every start: changes are lost.
        local all all scram-sha-256
        host all all 127.0.0.1/32 scram-sha-256

        """

    private static func configuration(directory: String, port: Int, durability: Durability) -> String {
        let quoted = directory.replacing("\\", with: "\\\\").replacing("'", with: "''")
        var text = """
            # Written by signalbox at every start: changes are lost.
            hba_file = '\(quoted)/pg_hba.conf'
            listen_addresses = '127.0.0.1'
            port = \(port)
            # In double quotes: else a comma in the path would divide it.
            unix_socket_directories = '"\(quoted)"'
            unix_socket_permissions = 0700
            max_connections = 200
            shared_buffers = 64MB
            dynamic_shared_memory_type = posix
            huge_pages = off
            max_wal_size = 512MB
            min_wal_size = 80MB
            jit = off
            password_encryption = scram-sha-256
            timezone = 'UTC'
            log_timezone = 'UTC'
            lc_messages = 'C'
            log_line_prefix = '%m [%p] %q%u@%d '
            log_min_messages = warning
            log_checkpoints = off
            # Serialisation failures and deadlocks are retried by the clients: the services' logs tell of them, if need be.
            log_min_error_statement = panic

            """
        if durability == .disposable {
            text += "fsync = off\nfull_page_writes = off\n"
        }
        return text
    }
}
