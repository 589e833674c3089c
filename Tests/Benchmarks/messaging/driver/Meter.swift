import Glibc

/// The time since it was made, and the processor time this process has used since.
struct Meter {
    private let start = ContinuousClock.now
    private let cpu = Meter.cpu()

    /// A line of JSON, as the C loops print it.
    func report(_ count: Int) {
        let seconds = start.duration(to: .now) / .seconds(1)
        print("{\"count\": \(count), \"seconds\": \(seconds), \"cpu_seconds\": \(Self.cpu() - cpu)}")
    }

    private static func cpu() -> Double {
        var usage = rusage()
        getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    }
}
