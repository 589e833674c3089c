import CSodium
import Foundation

/// Argon2id by libsodium, at its interactive settings (64 MiB, 2 passes), on threads of its own: hashing takes some 50 ms of a core and must
/// not hold up the cooperative pool, nor run without bound.
final class PasswordHasher: Sendable {
    /// At once. More wait.
    static let parallelism = 2

    private let threads = DispatchQueue(label: "argon2id", attributes: .concurrent)
    private let slots = DispatchSemaphore(value: parallelism)
    private let waiting = DispatchQueue(label: "argon2id.waiting")

    init() throws {
        guard sodium_init() >= 0 else { throw CryptographyError(message: "libsodium could not be set up: no source of randomness") }
    }

    /// The hash with its salt and settings, as libsodium's `crypto_pwhash_str` writes it.
    func hash(_ password: String) async throws -> String {
        let hash: String? = await run {
            var text = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
            let bytes = Array(password.utf8CString.dropLast())
            let result = crypto_pwhash_str(
                &text, bytes, UInt64(bytes.count), UInt64(crypto_pwhash_OPSLIMIT_INTERACTIVE), Int(crypto_pwhash_MEMLIMIT_INTERACTIVE))
            return result == 0 ? String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
        }
        guard let hash else { throw CryptographyError(message: "no memory for hashing a password") }
        return hash
    }

    func verify(_ password: String, against hash: String) async -> Bool {
        await run {
            let bytes = Array(password.utf8CString.dropLast())
            return crypto_pwhash_str_verify(hash, bytes, UInt64(bytes.count)) == 0
        }
    }

    private func run<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T {
        await withCheckedContinuation { continuation in
            waiting.async { [self] in
                slots.wait()
                threads.async { [self] in
                    let result = body()
                    slots.signal()
                    continuation.resume(returning: result)
                }
            }
        }
    }
}

struct CryptographyError: Error, CustomStringConvertible {
    var message: String
    var description: String { message }
}
