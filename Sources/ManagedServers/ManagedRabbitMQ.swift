import Glibc

/// A private RabbitMQ with the management plugin: loopback only, its own node name, cookie and epmd, no `guest`.
package enum ManagedRabbitMQ {
    /// The node's name is in its data: it must not change with the host's name.
    static let nodeName = "signalbox@localhost"

    static let program = "/usr/lib/rabbitmq/bin/rabbitmq-server"

    /// epmd as a child in the same process group, instead of the daemon that the Erlang VM would start and leave behind. The broker's own
    /// script execs the VM (RUNNING_UNDER_SYSTEMD), which stops cleanly at TERM.
    static let script = """
        epmd -port "$ERL_EPMD_PORT" -address 127.0.0.1 & epmd=$!
        \(program) & server=$!
        trap 'kill -TERM "$server" 2>/dev/null' TERM INT HUP
        wait "$server"; status=$?
        while kill -0 "$server" 2>/dev/null; do wait "$server"; status=$?; done
        trap '' TERM INT HUP
        kill "$epmd" 2>/dev/null
        wait "$epmd"
        exit "$status"
        """

    /// Creates folders and files where they are missing, brings the configuration up to date, and says how to start the broker.
    ///
    /// The administrator is created at the first boot only: a later call with another password does not change it.
    /// - Parameters:
    ///   - directory: the broker's folder; messages and definitions are in it.
    ///   - distributionPort: of Erlang's distribution, which RabbitMQ's tools use. Loopback too.
    ///   - epmdPort: of the private port mapper.
    package static func prepare(
        directory: String, port: Int, managementPort: Int, distributionPort: Int, epmdPort: Int,
        administrator: (user: String, password: String)
    ) throws(ManagedServerError) -> ManagedServerLaunch {
        try ConfigurationValue.check(administrator.user, "broker administrator's name")
        try ConfigurationValue.check(administrator.password, "broker administrator's password")
        try ConfigurationValue.check(port: port, "broker's port")
        try ConfigurationValue.check(port: managementPort, "broker's management port")
        try ConfigurationValue.check(port: distributionPort, "broker's distribution port")
        try ConfigurationValue.check(port: epmdPort, "broker's epmd port")
        guard access(program, X_OK) == 0 else {
            throw ManagedServerError(.notInstalled, "there is no \(program): apt-get install rabbitmq-server")
        }
        let folder = try ServerFolder(
            path: directory, user: try SystemUser.server(named: "rabbitmq", package: "rabbitmq-server"))
        try folder.makeSubfolder("mnesia")
        try folder.makeSubfolder("log")
        if !folder.exists(".erlang.cookie") {
            // Erlang would make one itself, from the clock.
            let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
            try folder.write(String((0..<32).map { _ in letters[Int.random(in: 0..<letters.count)] }), to: ".erlang.cookie")
        }
        try folder.write("[rabbitmq_management].\n", to: "enabled_plugins")
        // An empty one of our own: else the host's /etc/rabbitmq/rabbitmq-env.conf would be read.
        try folder.write("", to: "rabbitmq-env.conf")
        try folder.write(
            configuration(port: port, managementPort: managementPort, administrator: administrator), to: "rabbitmq.conf")

        var environment = ManagedServerLaunch.baseEnvironment(home: directory)
        environment["RABBITMQ_NODENAME"] = nodeName
        environment["RABBITMQ_MNESIA_BASE"] = folder.file("mnesia")
        environment["RABBITMQ_LOG_BASE"] = folder.file("log")
        environment["RABBITMQ_ENABLED_PLUGINS_FILE"] = folder.file("enabled_plugins")
        environment["RABBITMQ_CONFIG_FILE"] = folder.file("rabbitmq.conf")
        environment["RABBITMQ_CONF_ENV_FILE"] = folder.file("rabbitmq-env.conf")
        environment["RABBITMQ_PID_FILE"] = folder.file("rabbitmq.pid")
        environment["RABBITMQ_DIST_PORT"] = String(distributionPort)
        environment["RABBITMQ_LOG"] = "warning,-color"
        environment["ERL_EPMD_PORT"] = String(epmdPort)
        environment["ERL_EPMD_ADDRESS"] = "127.0.0.1"
        environment["ERL_CRASH_DUMP_BYTES"] = "0"
        environment["RUNNING_UNDER_SYSTEMD"] = "true"
        // Two schedulers, not bound to a core (several brokers on one host would all sit on the first), no spinning, and tables of a size
        // for a host of this kind: the defaults are for one of a million connections.
        environment["RABBITMQ_SERVER_ERL_ARGS"] =
            "+S 2:2 +stbt u +sbwt none +sbwtdcpu none +sbwtdio none +P 262144 +t 1048576 +zdbbl 32000"
        environment["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}"
        return ManagedServerLaunch(
            executable: "/bin/sh", arguments: ["-c", script, "signalbox-rabbitmq"], environment: environment, workingDirectory: directory,
            user: folder.user.isSwitched ? folder.user.name : nil)
    }

    private static func configuration(port: Int, managementPort: Int, administrator: (user: String, password: String)) -> String {
        """
        # Written by signalbox at every start: changes are lost.
        listeners.tcp.1 = 127.0.0.1:\(port)
        management.tcp.ip = 127.0.0.1
        management.tcp.port = \(managementPort)
        default_user = \(administrator.user)
        default_pass = \(administrator.password)
        default_user_tags.administrator = true
        log.console = true
        log.console.level = warning
        log.file = false
        vm_memory_high_watermark.relative = 0.4
        disk_free_limit.absolute = 50MB
        # The write-ahead log of quorum queues is held in memory too, up to this size; the default is 512 MB.
        raft.wal_max_size_bytes = 67108864
        # Milliseconds. Queue depths, by which services are scaled, are as old as this.
        collect_statistics_interval = 2000

        """
    }
}
