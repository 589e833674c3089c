import CSodium
import Foundation
import ServiceKit
import Synchronization

/// Argon2id by libsodium, at its interactive settings (64 MiB, 2 passes), on threads of its own: hashing takes some 50 ms of a core and must
/// not hold up the cooperative pool, nor run without bound.
final class PasswordHasher: Sendable {
    /// At once. More wait.
    static let parallelism = 2
    /// Beyond that a caller is told to come again: a flood of logins must not make everybody wait for minutes.
    static let maximumWaiting = 40

    private let threads = DispatchQueue(label: "argon2id", attributes: .concurrent)
    private let slots = DispatchSemaphore(value: parallelism)
    private let waiting = DispatchQueue(label: "argon2id.waiting")
    private let count = Mutex(0)

    init() throws {
        guard sodium_init() >= 0 else { throw CryptographyError(message: "libsodium could not be set up: no source of randomness") }
    }

    /// The hash with its salt and settings, as libsodium's `crypto_pwhash_str` writes it.
    func hash(_ password: String) async throws -> String {
        let hash: String? = try await run {
            var text = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
            let bytes = Array(password.utf8CString.dropLast())
            let result = crypto_pwhash_str(
                &text, bytes, UInt64(bytes.count), UInt64(crypto_pwhash_OPSLIMIT_INTERACTIVE), Int(crypto_pwhash_MEMLIMIT_INTERACTIVE))
            return result == 0 ? String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
        }
        guard let hash else { throw CryptographyError(message: "no memory for hashing a password") }
        return hash
    }

    func verify(_ password: String, against hash: String) async throws -> Bool {
        try await run {
            let bytes = Array(password.utf8CString.dropLast())
            return crypto_pwhash_str_verify(hash, bytes, UInt64(bytes.count)) == 0
        }
    }

    private func run<T: Sendable>(_ body: @escaping @Sendable () -> T) async throws -> T {
        let isAdmitted = count.withLock { count in
            guard count < Self.maximumWaiting else { return false }
            count += 1
            return true
        }
        guard isAdmitted else {
            throw ServiceProblem(
                status: 503, title: "Too many logins", detail: "too many passwords are being checked; try again in a few seconds",
                headers: [.retryAfter: "3"])
        }
        defer { count.withLock { $0 -= 1 } }
        return await withCheckedContinuation { continuation in
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
