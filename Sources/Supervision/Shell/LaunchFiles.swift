import Topology

/// What a service's start needs of the file system.
struct LaunchFiles: Sendable {
    /// Absolute.
    let executable: String
    /// By variable.
    let secrets: [String: String]

    /// Blocks for as long as the file systems take.
    init(of service: Service, path: String, workingDirectory: String, reader: SecretReader) throws(LaunchFailure) {
        do {
            executable = try ExecutableFinder.find(service.command.first ?? "", path: path, workingDirectory: workingDirectory)
        } catch {
            throw LaunchFailure(error.message, isPermanent: true)
        }
        var secrets: [String: String] = [:]
        for (variable, secret) in service.secrets.sorted(by: { $0.key < $1.key }) {
            do throws(SecretReader.Failure) {
                secrets[variable] = try reader.value(of: secret)
            } catch {
                throw LaunchFailure("\(service.name)'s secret \(variable): \(error.reason)")
            }
        }
        self.secrets = secrets
    }
}
