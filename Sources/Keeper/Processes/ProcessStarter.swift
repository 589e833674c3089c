internal import CLinux
import Glibc

/// Turns a specification into a running process.
struct ProcessStarter {
    private static let listenPID = "LISTEN_PID="
    /// Room for the digits of any pid, with the zero byte that C adds.
    private static let listenPIDPlace = "00000000000"
    private static let firstPassedDescriptor = 3
    private static let defaultUmask: mode_t = 0o022

    let state: StateDirectory
    let level: ContainmentLevel
    let legacy: LegacyControllers
    let limits: ResourceLimits
    let logs: LogFiles
    let journal: JournalLink
    let buffer: LineBuffer
    let null: Descriptor
    /// Names this run of the keeper.
    let run: String

    /// What a process gets besides its specification.
    struct Extras {
        var listening: [Descriptor] = []
        /// Becomes descriptor 3 of the supervisor.
        var control: Descriptor?
        var copiesToStandardError = false
    }

    /// - Parameter number: different for each start of this keeper.
    func start(_ specification: ProcessSpecification, number: Int, extras: Extras) throws(KeeperError) -> KeptProcess {
        try Self.check(specification)
        let identity = try UserIdentity.find(user: specification.user, group: specification.group)
        let token = RunToken(state: state.name, run: run, number: number)
        let tag = RunTag(state: state.name, number: number)
        do throws(SystemError) {
            let writer = try writer(specification)
            let out = try Descriptor.pipe()
            let err = try Descriptor.pipe()
            let notify =
                specification.notify ? try NotifySocket(path: state.notifySocket(number), user: identity?.user ?? geteuid()) : nil
            let name = "\(number)-\(specification.id)"
            let limitGroup = try legacy.create(name: name, limits: specification.limits)
            let containment = try level.create(name: name, limits: specification.limits, token: token, tag: tag)
            let started: clinux_started
            do throws(SystemError) {
                started = try start(
                    specification, identity, environment(specification, token, notify, extras),
                    descriptors: [null, out.writing, err.writing] + (extras.control.map { [$0] } ?? []) + extras.listening,
                    cgroup: containment.directory, joined: limitGroup?.joined ?? [], tag: tag, diesWithKeeper: extras.control != nil)
            } catch {
                containment.remove()
                limitGroup?.remove()
                throw error
            }
            containment.begin(with: started.pid)
            limitGroup?.forgetDescriptors()
            return KeptProcess(
                number: number, specification: specification, pid: started.pid, pidfd: Descriptor(started.pidfd), containment: containment,
                outputs: [
                    OutputPipe(
                        reading: out.reading, tag: .out, writer: writer, buffer: buffer, copiesToStandardError: extras.copiesToStandardError
                    ),
                    OutputPipe(
                        reading: err.reading, tag: .err, writer: writer, buffer: buffer, copiesToStandardError: extras.copiesToStandardError
                    ),
                ], writer: writer, notify: notify, limitGroup: limitGroup)
        } catch {
            throw Self.failed(specification, error)
        }
    }

    private func writer(_ specification: ProcessSpecification) throws(SystemError) -> LogWriter {
        let policy = specification.log
        let hasJournal = policy.toJournal && journal.isPresent
        return LogWriter(
            file: policy.toFile || !hasJournal ? try logs.open(specification.logFile, policy: policy) : nil,
            journal: hasJournal ? JournalSource(link: journal, fields: policy.fields) : nil, files: logs)
    }

    private func start(
        _ specification: ProcessSpecification, _ identity: UserIdentity?, _ environment: [String], descriptors: [Descriptor],
        cgroup: Descriptor?, joined: [Descriptor], tag: RunTag, diesWithKeeper: Bool
    ) throws(SystemError) -> clinux_started {
        let arguments = StringVector(specification.arguments)
        let variables = StringVector(environment)
        let place = environment.firstIndex { $0.hasPrefix(Self.listenPID) }
        let limits = self.limits.limits(
            for: specification.limits, controllers: level.controllers.union(legacy.bases.keys), isOwnUser: identity == nil, tag: tag)
        var started = clinux_started()
        var groups = identity?.groups ?? []
        var person = clinux_identity(user: identity?.user ?? 0, group: identity?.group ?? 0, groups: nil, group_count: groups.count)
        // The pointers are used only within the call, and what they point to outlives it.
        let result = withExtendedLifetime((arguments, variables, descriptors, cgroup, joined)) {
            specification.executable.withCString { executable in
                (specification.workingDirectory ?? "/").withCString { directory in
                    groups.withUnsafeMutableBufferPointer { groups in
                        limits.withUnsafeBufferPointer { limits in
                            descriptors.map(\.number).withUnsafeBufferPointer { descriptors in
                                joined.map(\.number).withUnsafeBufferPointer { joined in
                                    withUnsafeMutablePointer(to: &person) { person in
                                        person.pointee.groups = UnsafePointer(groups.baseAddress)
                                        var start = clinux_start(
                                            executable: executable, arguments: arguments.pointer, environment: variables.pointer,
                                            listen_pid: place.flatMap { variables.pointer[$0] }.map { $0 + Self.listenPID.utf8.count },
                                            directory: directory, identity: identity == nil ? nil : UnsafePointer(person),
                                            umask: specification.umask.map { mode_t($0 & 0o777) } ?? Self.defaultUmask,
                                            limits: limits.baseAddress, limit_count: limits.count, descriptors: descriptors.baseAddress,
                                            descriptor_count: descriptors.count, cgroup: cgroup?.number ?? -1, joined: joined.baseAddress,
                                            joined_count: joined.count,
                                            parent_death_signal: diesWithKeeper ? SIGKILL : 0)
                                        return clinux_start_process(&start, &started)
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        guard result == 0 else { throw SystemError(step: Self.name(of: started.failed_step), number: -result) }
        return started
    }

    private func environment(
        _ specification: ProcessSpecification, _ token: RunToken, _ notify: NotifySocket?, _ extras: Extras
    ) -> [String] {
        var values = specification.environment
        for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { values[name] = nil }
        values[RunToken.variable] = token.description
        if let notify { values["NOTIFY_SOCKET"] = notify.path }
        if extras.control != nil { values["SIGNALBOX_KEEPER_FD"] = String(Self.firstPassedDescriptor) }
        if !extras.listening.isEmpty {
            values["LISTEN_PID"] = Self.listenPIDPlace
            values["LISTEN_FDS"] = String(extras.listening.count)
            values["LISTEN_FDNAMES"] = specification.sockets.joined(separator: ":")
        }
        return values.map { "\($0.key)=\($0.value)" }.sorted()
    }

    private static func check(_ specification: ProcessSpecification) throws(KeeperError) {
        func refuse(_ text: String) -> KeeperError {
            KeeperError(.invalidSpecification, "process \"\(specification.id)\" cannot be started: \(text)")
        }
        if specification.id.isEmpty || specification.id.utf8.count > 200 { throw refuse("its id must have 1 to 200 bytes") }
        if !specification.executable.hasPrefix("/") {
            throw refuse("its executable \"\(specification.executable)\" is not an absolute path")
        }
        if !specification.logFile.hasPrefix("/") { throw refuse("its log file \"\(specification.logFile)\" is not an absolute path") }
        if specification.arguments.isEmpty { throw refuse("it has no arguments; the first is its name") }
        if specification.environment.keys.contains(where: { $0.isEmpty || $0.contains("=") }) {
            throw refuse("a name in its environment is empty or has \"=\" in it")
        }
        let limits = specification.limits
        let counts = [limits.memory, limits.openFiles, limits.processes].compactMap { $0 }
        if counts.contains(where: { $0 < 1 }) || limits.cpu.map({ !($0 > 0) }) ?? false {
            throw refuse("each of its limits must be above 0")
        }
        let strings = specification.arguments + specification.environment.map { $0.key + $0.value } + [specification.executable]
        if strings.contains(where: { $0.utf8.contains(0) }) { throw refuse("a zero byte is in its arguments or environment") }
    }

    private static func name(of step: clinux_step) -> String {
        switch step {
        case CLINUX_STEP_PIPE: "pipe"
        case CLINUX_STEP_CLONE: "clone3"
        case CLINUX_STEP_SESSION: "setsid"
        case CLINUX_STEP_JOIN: "cgroup.procs"
        case CLINUX_STEP_LIMITS: "setrlimit"
        case CLINUX_STEP_DESCRIPTORS: "dup2"
        case CLINUX_STEP_GROUPS: "setgroups"
        case CLINUX_STEP_GROUP: "setgid"
        case CLINUX_STEP_USER: "setuid"
        case CLINUX_STEP_DIRECTORY: "chdir"
        case CLINUX_STEP_PARENT: "prctl"
        default: "execve"
        }
    }

    private static func failed(_ specification: ProcessSpecification, _ error: SystemError) -> KeeperError {
        let executable = specification.executable
        let text =
            switch (error.step, error.number) {
            case ("chdir", _): "its working directory \(specification.workingDirectory ?? "/") cannot be entered: \(error.reason)"
            case ("execve", ENOENT) where access(executable, F_OK) == 0:
                "\(executable) is there, but the interpreter or loader it names is not"
            case ("execve", ENOENT): "there is no \(executable)"
            case ("execve", EACCES): "\(executable) may not be executed; is it executable (chmod +x), and may its user reach its folder?"
            case ("execve", ENOEXEC): "\(executable) is no program; a script needs a first line like #!/bin/sh"
            case ("setrlimit", EPERM): "its limit of open files is above what signalbox itself may have"
            default: error.description
            }
        return KeeperError(.cannotStart, "process \"\(specification.id)\" cannot be started: \(text) (\(error.step))", underlying: error)
    }
}
