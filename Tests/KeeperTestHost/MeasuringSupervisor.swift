import Glibc
import Keeper

/// The supervisor of a `Measurement`: does what is to be measured, prints the figures, and exits.
enum MeasuringSupervisor {
    static func run(_ arguments: [String]) async -> Int32 {
        do {
            let client = try KeeperClient.connect(descriptor: 3)
            _ = try await client.list()
            let count = arguments.dropFirst().compactMap { Int($0) }.first
            print("containment: \(try await client.containment())")
            switch arguments.first {
            case "logs":
                let lineLength = arguments.dropFirst(2).compactMap { Int($0) }.first ?? 100
                try await measureLogs(
                    client, megabytes: count ?? 1000, lineLength: lineLength, toJournal: arguments.contains("journal"))
            case "starts": try await measureStarts(client, count: count ?? 500)
            case "restarts": try await measureRestarts(client, idle: count ?? 100, besideLoud: arguments.contains("loud"))
            case "quick": try await measureQuickProcesses(client, count: count ?? 10_000)
            default: print("logs [MEGABYTES LINE-LENGTH], starts [COUNT], restarts [IDLE] or quick [COUNT]?")
            }
            let keeper = getppid()
            for line in readText("/proc/\(keeper)/smaps_rollup").split(separator: "\n") where line.hasPrefix("Pss:") {
                print("keeper \(line)")
            }
            return 0
        } catch {
            print("\(error)")
            return 1
        }
    }

    private static func measureLogs(_ client: KeeperClient, megabytes: Int, lineLength: Int, toJournal: Bool) async throws {
        let processorBefore = processorSeconds(of: getppid())
        let start = ContinuousClock.now
        var loud = specification("loud", ["print", "\(megabytes)", "\(lineLength)"])
        loud.log = LogPolicy(toFile: !toJournal, toJournal: toJournal, fields: ["SYSLOG_IDENTIFIER": "loud", "SIGNALBOX_SERVICE": "loud"])
        _ = try await client.spawn(loud)
        _ = await ends(of: ["loud"], client)
        let seconds = start.duration(to: .now) / .seconds(1)
        let processor = processorSeconds(of: getppid()) - processorBefore
        print(
            "\(megabytes) MB of \(lineLength)-byte lines: \(Int(Double(megabytes) / seconds)) MB/s, "
                + "\(processor) cpu-seconds of the keeper, \(processor * 200 / Double(megabytes)) per 200 MB")
        if let record = try await client.list().first { print("dropped: \(record.droppedLines) lines, \(record.droppedBytes) bytes") }
    }

    private static func measureStarts(_ client: KeeperClient, count: Int) async throws {
        let processorBefore = processorSeconds(of: getppid())
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask { _ = try await client.spawn(idle("idle/\(number)")) }
            }
            try await group.waitForAll()
        }
        let seconds = start.duration(to: .now) / .seconds(1)
        print("\(count) processes started in \(seconds) s, \(processorSeconds(of: getppid()) - processorBefore) cpu-seconds of the keeper")
    }

    /// From SIGKILL until the replacement's first instruction has been told of.
    private static func measureRestarts(_ client: KeeperClient, idle count: Int, besideLoud: Bool) async throws {
        try await measureStarts(client, count: count)
        if besideLoud { _ = try await client.spawn(specification("loud", ["print", "1000000", "100"])) }
        var record = try await client.spawn(idle("victim"))
        var milliseconds: [Double] = []
        let processorBefore = processorSeconds(of: getppid())
        for _ in 0..<500 {
            let start = ContinuousClock.now
            kill(record.pid, SIGKILL)
            _ = await ends(of: ["victim"], client)
            record = try await client.spawn(idle("victim"))
            milliseconds.append(start.duration(to: .now) / .milliseconds(1))
        }
        milliseconds.sort()
        print("\((processorSeconds(of: getppid()) - processorBefore) * 2) ms of the keeper's cpu a restart")
        print("restart with \(count) idle: p50 \(milliseconds[250]) ms, p99 \(milliseconds[495]) ms, most \(milliseconds[499]) ms")
    }

    /// Processes that print and exit, fifty at a time: whose last line is not in the log when they are told of as ended?
    private static func measureQuickProcesses(_ client: KeeperClient, count: Int) async throws {
        func quick(_ number: Int) -> ProcessSpecification {
            var specification = specification("quick/\(number % 50)", [])
            specification.executable = "/bin/echo"
            specification.arguments = ["echo", "last line of \(number)"]
            specification.logFile = "\(folder)/logs/quick.\(number).log"
            return specification
        }
        func state() -> String {
            let status = readText("/proc/\(getppid())/status").split(separator: "\n")
            return status.filter { $0.hasPrefix("VmRSS") || $0.hasPrefix("Threads") || $0.hasPrefix("FDSize") }.joined(separator: ", ")
                + ", \(openFiles(of: getppid())) open files"
        }
        var numbers: [String: Int] = [:]
        var started = 0
        func startNext() async throws {
            guard started < count else { return }
            let specification = quick(started)
            numbers[specification.id] = started
            started += 1
            _ = try await client.spawn(specification)
        }
        let start = ContinuousClock.now
        for _ in 0..<50 { try await startNext() }
        var (ended, missing) = (0, 0)
        for await event in client.events {
            guard case .exited(let id, _, _) = event, let number = numbers[id] else { continue }
            ended += 1
            let path = "\(folder)/logs/quick.\(number).log"
            if !readText(path).hasSuffix("out last line of \(number)\n") { missing += 1 }
            unlink(path)
            if ended == min(count, 1000) { print("after \(ended): \(state())") }
            if ended == count { break }
            // Its id is free again.
            if started < count {
                var next = quick(started)
                next.id = id
                numbers[id] = started
                started += 1
                _ = try await client.spawn(next)
            }
        }
        print("after \(ended): \(state())")
        print("\(ended - missing) of \(count) last lines are there, \(start.duration(to: .now) / .seconds(1)) s")
    }

    private static var folder: String { getenv("FOLDER").map { String(cString: $0) } ?? "/tmp" }

    private static func openFiles(of pid: pid_t) -> Int {
        guard let directory = opendir("/proc/\(pid)/fd") else { return -1 }
        defer { closedir(directory) }
        var count = -2
        while readdir(directory) != nil { count += 1 }
        return count
    }

    private static func ends(of ids: Set<String>, _ client: KeeperClient) async -> Int {
        var waiting = ids
        for await event in client.events {
            if case .exited(let id, _, _) = event { waiting.remove(id) }
            if waiting.isEmpty { break }
        }
        return waiting.count
    }

    private static func idle(_ id: String) -> ProcessSpecification {
        var specification = specification(id, [])
        specification.executable = "/bin/sleep"
        specification.arguments = ["sleep", "1000"]
        // As many as a service of a topology gets.
        for number in 0..<20 { specification.environment["VARIABLE_\(number)"] = "a value of some length, as an address of a server has" }
        return specification
    }

    private static func specification(_ id: String, _ arguments: [String]) -> ProcessSpecification {
        ProcessSpecification(
            id: id, executable: "/proc/self/exe", arguments: ["host"] + arguments, environment: ["PATH": "/usr/bin:/bin"],
            logFile: "\(folder)/logs/\(id.replacing("/", with: ".")).log")
    }

    private static func processorSeconds(of pid: pid_t) -> Double {
        let fields = readText("/proc/\(pid)/stat").split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func readText(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
    }
}
