import Glibc
import Keeper

// What KeeperTests runs: a keeper, its supervisor, and services that look at what they were handed.

let arguments = CommandLine.arguments
switch arguments.dropFirst().first {
case "keeper": exit(runKeeper(Array(arguments.dropFirst(2))))
case "supervisor": exit(runSupervisor(socketPath: arguments[2]))
case "serve": exit(runService())
case "notify": exit(runNotifier(Array(arguments.dropFirst(2))))
case "print": exit(runPrinter(megabytes: Int(arguments[2]) ?? 0, lineLength: Int(arguments[3]) ?? 100))
case "measure": exit(Measurement(Array(arguments.dropFirst(2))).run())
case "measuring-supervisor": exit(await MeasuringSupervisor.run(Array(arguments.dropFirst(2))))
default: exit(64)
}

/// STATE SOCKET CONTROL-GROUPS STOP-TIMEOUT-MILLISECONDS [SUPERVISOR-COMMAND…]
func runKeeper(_ arguments: [String]) -> Int32 {
    guard arguments.count >= 4, let executable = realpath("/proc/self/exe", nil) else { return 64 }
    let own = String(cString: executable)
    let command = arguments.count > 4 ? Array(arguments[4...]) : [own, "supervisor", arguments[1]]
    return KeeperMain.run(
        KeeperConfiguration(
            stateDirectory: arguments[0], supervisorCommand: command, supervisorEnvironment: ["PATH": "/usr/bin:/bin"],
            copiesSupervisorOutput: true, stopTimeout: .milliseconds(Int(arguments[3]) ?? 60_000),
            usesControlGroups: arguments[2] == "true",
            journalSocket: getenv("JOURNAL_SOCKET").map { String(cString: $0) } ?? KeeperConfiguration.journalSocket))
}

/// Joins the control socket with a connection to the test, and does what the test says on a second one: a byte is the status to exit with.
func runSupervisor(socketPath: String) -> Int32 {
    print("supervisor \(getpid()) began")
    fflush(nil)
    // A test that died wants nothing any more.
    guard let control = connect(to: socketPath), let orders = connect(to: socketPath) else { return 0 }
    let hello = Array("\(getpid())\n".utf8)
    _ = write(orders, hello, hello.count)
    var polled = [pollfd(fd: 3, events: Int16(POLLIN), revents: 0), pollfd(fd: control, events: Int16(POLLIN), revents: 0)]
    polled.append(pollfd(fd: orders, events: Int16(POLLIN), revents: 0))
    while true {
        guard poll(&polled, nfds_t(polled.count), -1) > 0 else { continue }
        if polled[0].revents != 0, !copy(from: 3, to: control) { return 4 }
        if polled[1].revents != 0, !copy(from: control, to: 3) { polled[1].fd = -1 }
        if polled[2].revents != 0 {
            var status: UInt8 = 0
            return read(orders, &status, 1) == 1 ? Int32(status) : 0
        }
    }
}

/// Answers each connection to the first inherited socket with what it was handed.
func runService() -> Int32 {
    let names = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]
    let values = names.map { getenv($0).map { String(cString: $0) } ?? "-" }
    let isOwn = values[0] == String(getpid())
    while true {
        let connection = accept(3, nil, nil)
        guard connection >= 0 else { return 5 }
        let answer = Array("own \(isOwn) pid \(getpid()) fds \(values[1]) names \(values[2])\n".utf8)
        _ = write(connection, answer, answer.count)
        close(connection)
    }
}

/// That many megabytes of lines on standard output, as fast as they are taken.
func runPrinter(megabytes: Int, lineLength: Int) -> Int32 {
    let line = [UInt8](repeating: UInt8(ascii: "x"), count: max(lineLength - 1, 0)) + [UInt8(ascii: "\n")]
    let batch = Array(repeatElement(line, count: max(65536 / line.count, 1)).joined())
    var rest = megabytes * 1_000_000
    while rest > 0 {
        let count = batch.withUnsafeBytes { write(1, $0.baseAddress, min($0.count, rest)) }
        guard count > 0 else { return 8 }
        rest -= count
    }
    return 0
}

/// Sends its arguments as one datagram to NOTIFY_SOCKET and stays.
func runNotifier(_ fields: [String]) -> Int32 {
    guard let path = getenv("NOTIFY_SOCKET") else { return 6 }
    let datagram = Array(fields.joined(separator: "\n").utf8)
    let socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    let sent = withAddress(String(cString: path)) { sendto(socket, datagram, datagram.count, 0, $0, $1) }
    guard sent == datagram.count else { return 7 }
    while true { pause() }
}

func connect(to path: String) -> Int32? {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    return withAddress(path) { Glibc.connect(descriptor, $0, $1) } == 0 ? descriptor : nil
}

func withAddress<Result>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8).prefix(107)) }
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
}

func copy(from source: Int32, to destination: Int32) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = read(source, &buffer, buffer.count)
    guard count > 0 else { return false }
    var sent = 0
    while sent < count {
        let written = buffer.withUnsafeBytes { write(destination, $0.baseAddress?.advanced(by: sent), count - sent) }
        guard written > 0 else { return false }
        sent += written
    }
    return true
}
