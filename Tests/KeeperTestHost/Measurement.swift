import Glibc
import Keeper

/// Figures of the keeper by itself, for people:
/// `KeeperTestHost measure logs|starts|restarts|quick [COUNT] [sessions] [loud] [journal]`. It is best built
/// optimised.
///
/// It runs a keeper whose supervisor is this program again, so that the keeper's processor time is its own.
struct Measurement {
    private let arguments: [String]

    init(_ arguments: [String]) {
        self.arguments = arguments
    }

    func run() -> Int32 {
        guard let executable = realpath("/proc/self/exe", nil) else { return 64 }
        var template = Array("/tmp/keeper-measurement-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { return 1 }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let status = KeeperMain.run(
            KeeperConfiguration(
                stateDirectory: folder, supervisorCommand: [String(cString: executable), "measuring-supervisor"] + arguments,
                supervisorEnvironment: ["PATH": "/usr/bin:/bin", "FOLDER": folder], copiesSupervisorOutput: true,
                usesControlGroups: !arguments.contains("sessions")))
        print("state directory: \(folder)")
        return status
    }
}
