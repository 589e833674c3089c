import Admin
import Supervision
import Topology

/// Why the supervisor ends without having been asked to, as an exit status that the keeper understands: with 78 it gives up as a whole
/// unless something runs, with any other it starts the supervisor again.
struct SupervisionFailure {
    var message: String
    var status: Int32

    init(_ error: any Error) {
        message = "\(error)"
        status = CommandFailure.failed
        switch error {
        case let error as SupervisorError:
            switch error.code {
            case .invalidTopology(let mistakes):
                message = ([error.message] + mistakes.map(\.description)).joined(separator: "\n")
                status = CommandFailure.configuration
            case .unreadableTopology, .stateDirectory: status = CommandFailure.configuration
            default: break
            }
        case is AdminError: status = CommandFailure.configuration
        default: break
        }
    }
}
