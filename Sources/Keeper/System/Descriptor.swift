internal import CLinux
import Glibc

/// An open file descriptor, closed with the last reference to it.
final class Descriptor {
    let number: Int32

    init(_ number: Int32) {
        self.number = number
    }

    /// - Parameter result: what a `clinux_…` call gave: a descriptor or -errno.
    convenience init(_ result: Int32, step: String) throws(SystemError) {
        guard result >= 0 else { throw SystemError(step: step, number: -result) }
        self.init(result)
    }

    deinit {
        close(number)
    }

    /// The control socket: ours, and the one that becomes the supervisor's descriptor 3. Both close when a process is executed.
    static func controlPair() throws(SystemError) -> (own: Descriptor, supervisor: Descriptor) {
        var ends: [Int32] = [-1, -1]
        let result = clinux_control_pair(&ends)
        guard result == 0 else { throw SystemError(step: "socketpair", number: -result) }
        return (Descriptor(ends[0]), Descriptor(ends[1]))
    }

    /// Both ends close when a process is executed.
    static func pipe() throws(SystemError) -> (reading: Descriptor, writing: Descriptor) {
        var ends: [Int32] = [-1, -1]
        let result = clinux_pipe(&ends)
        guard result == 0 else { throw SystemError(step: "pipe2", number: -result) }
        return (Descriptor(ends[0]), Descriptor(ends[1]))
    }
}
