internal import CLinux
import Glibc

extension ExitStatus {
    init(_ exit: clinux_exit) {
        switch exit.code {
        case Int32(CLD_EXITED): self = .exited(exit.status)
        case Int32(CLD_DUMPED): self = .signalled(exit.status, coreDumped: true)
        default: self = .signalled(exit.status, coreDumped: false)
        }
    }
}
