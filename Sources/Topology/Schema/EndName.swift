/// The ways in which a process ends that have a name in the file.
enum EndName {
    static let outOfMemory = "out-of-memory"

    /// Those that end a process unless it handles them, with Linux's numbers on x86-64 and arm64; signal(7).
    static let signals: [(name: String, number: Int32)] = [
        ("HUP", 1), ("INT", 2), ("QUIT", 3), ("ILL", 4), ("TRAP", 5), ("ABRT", 6), ("BUS", 7), ("FPE", 8), ("KILL", 9), ("USR1", 10),
        ("SEGV", 11), ("USR2", 12), ("PIPE", 13), ("ALRM", 14), ("TERM", 15), ("STKFLT", 16), ("XCPU", 24), ("XFSZ", 25),
        ("VTALRM", 26), ("PROF", 27), ("IO", 29), ("PWR", 30), ("SYS", 31),
    ]

    static let all = signals.map(\.name) + [outOfMemory]
}
