import CCurl
import Foundation
import ServiceKit

/// How mail leaves. Sending one mail twice must do no more than replace it or let the receiver know it by its Message-ID.
protocol MailTransport: Sendable {
    func send(_ mail: Mail) async throws
}

struct MailError: Error, CustomStringConvertible {
    var message: String
    /// The server will not take it at another time either.
    var isPermanent = false
    var description: String { message }
}

/// Puts each mail as `<id>.eml` into a folder: for hosts without an SMTP server.
struct FolderMailTransport: MailTransport {
    let folder: URL

    init(folder: URL) throws {
        self.folder = folder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    func send(_ mail: Mail) throws {
        // Ids are the broker's words: only what is safe in a file's name is kept.
        let name = mail.id.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "_" }
        // Renamed into its place, it is there whole or not at all; nobody else may read a customer's mail.
        let draft = folder.appending(path: ".\(String(name)).draft").path()
        let isWritten = FileManager.default.createFile(
            atPath: draft, contents: Data(mail.text.utf8), attributes: [.posixPermissions: 0o600])
        guard isWritten, rename(draft, folder.appending(path: "\(String(name)).eml").path()) == 0 else {
            throw MailError(message: "the mail \(mail.id) cannot be written to \(folder.path()): \(String(cString: strerror(errno)))")
        }
    }
}

/// Speaks SMTP by libcurl, one connection a mail, on a thread of its own.
final class SMTPMailTransport: MailTransport {
    static let connectTimeoutSeconds = 10
    static let timeoutSeconds = 30

    private let url: String
    private let thread = DispatchQueue(label: "smtp")

    /// - Parameter url: `smtp://host:port` or `smtps://host:port`, with `user:password@` where the server wants it.
    init(url: String) throws {
        guard url.hasPrefix("smtp://") || url.hasPrefix("smtps://") else {
            throw MailError(message: "SMTP_URL is not an SMTP address: expected smtp://host:port or smtps://host:port")
        }
        self.url = url
        curl_global_init(Int(CURL_GLOBAL_DEFAULT))
    }

    func send(_ mail: Mail) async throws {
        let url = url
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            thread.async {
                continuation.resume(with: Result { try Self.deliver(mail, to: url) })
            }
        }
    }

    private static func deliver(_ mail: Mail, to url: String) throws {
        guard let handle = curl_easy_init() else { throw MailError(message: "libcurl has no memory for a connection") }
        defer { curl_easy_cleanup(handle) }
        let recipients = curl_slist_append(nil, "<\(mail.recipient)>")
        defer { curl_slist_free_all(recipients) }
        var upload = Upload(rest: Array(mail.text.utf8)[...])
        signalbox_curl_set_string(handle, CURLOPT_URL, url)
        signalbox_curl_set_string(handle, CURLOPT_MAIL_FROM, "<\(mail.sender)>")
        signalbox_curl_set_pointer(handle, CURLOPT_MAIL_RCPT, recipients)
        signalbox_curl_set_long(handle, CURLOPT_UPLOAD, 1)
        signalbox_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        // A password must not go in the clear.
        let security = url.contains("@") ? CURLUSESSL_ALL : CURLUSESSL_TRY
        signalbox_curl_set_long(handle, CURLOPT_USE_SSL, Int(security.rawValue))
        signalbox_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT, connectTimeoutSeconds)
        signalbox_curl_set_long(handle, CURLOPT_TIMEOUT, timeoutSeconds)
        let code = withUnsafeMutablePointer(to: &upload) { upload in
            signalbox_curl_set_read(
                handle,
                { buffer, size, count, context in
                    guard let buffer, let upload = context?.assumingMemoryBound(to: Upload.self) else { return 0 }
                    let part = upload.pointee.rest.prefix(size * count)
                    part.withUnsafeBytes { bytes in
                        if let start = bytes.baseAddress { memcpy(buffer, start, bytes.count) }
                    }
                    upload.pointee.rest = upload.pointee.rest.dropFirst(part.count)
                    return part.count
                }, upload)
            return curl_easy_perform(handle)
        }
        guard code == CURLE_OK else {
            let reply = signalbox_curl_response_code(handle)
            throw MailError(
                message: "the SMTP server did not take the mail \(mail.id): \(String(cString: curl_easy_strerror(code))) (reply \(reply))",
                isPermanent: (500..<600).contains(reply))
        }
    }

    private struct Upload {
        var rest: ArraySlice<UInt8>
    }
}
