import FoundationEssentials
import Glibc

extension StateFile {
    static func writeJSON(_ value: some Encodable, to path: String, mode: mode_t) throws(SupervisorError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data: Data
        do { data = try encoder.encode(value) } catch {
            throw SupervisorError(.stateDirectory, "cannot write \(path): \(error)", underlying: error)
        }
        try write(data, to: path, mode: mode)
    }

    /// Nil when there is no such file.
    static func readJSON<Value: Decodable>(_ type: Value.Type, from path: String) throws(SupervisorError) -> Value? {
        guard let bytes = try read(path) else { return nil }
        do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
            throw SupervisorError(.stateDirectory, "\(path) is not what signalbox wrote there: \(error)", underlying: error)
        }
    }
}
