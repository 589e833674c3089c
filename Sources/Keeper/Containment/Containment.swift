import Glibc

/// What holds a process and everything it starts, so that all of it can be ended.
protocol Containment: AnyObject {
    /// A directory of cgroup2 for clone3 to put the process into.
    var directory: Descriptor? { get }
    /// To be told the main process when it was started. It must stay unreaped until the containment is empty: its pid names the session.
    func begin(with main: pid_t)
    /// Kills everything in it. To be called until `isEmpty`: what is being born may have been missed.
    func kill(_ search: ProcessSearch)
    /// Nothing in it lives; the main process may be a zombie.
    func isEmpty(_ search: ProcessSearch) -> Bool
    /// nil when the process is gone, so that nobody can say.
    func contains(_ pid: pid_t) -> Bool?
    /// How often the kernel has killed something in it because its memory limit was reached.
    var outOfMemoryKills: Int { get }
    /// To be called when it is empty.
    func remove()
}
