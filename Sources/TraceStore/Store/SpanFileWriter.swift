import Glibc

/// Writes spans into files of its own in a folder that other processes write into as well: one after the other, each up to a size, and only
/// so many of them. To be used by one thread at a time.
///
/// The files have mode 0600 and names that nobody can foresee, and none is opened that is there already: another user who may write into
/// the folder can neither read them nor put one of his in their place.
struct SpanFileWriter: ~Copyable {
    /// Bytes.
    static let maximumFileSize = 4 << 20
    /// Of this process, the one being written included: a store without a supervisor that clears it stays bounded as well.
    static let maximumFiles = 8
    /// Nanoseconds after a failure in which nothing is tried.
    static let pauseAfterFailure: UInt64 = 1_000_000_000
    static let suffix = ".spans"
    private static let longestService = 64

    private let folder: String
    private let resource: TraceResource
    private let maximumFileSize: Int
    private var descriptor: Int32 = -1
    private var size = 0
    private var files: [String] = []
    private var retryAt: UInt64 = 0

    init(folder: String, resource: TraceResource, maximumFileSize: Int = maximumFileSize) {
        self.folder = folder
        self.resource = resource
        self.maximumFileSize = maximumFileSize
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// - Parameters:
    ///   - lines: whole lines.
    ///   - now: nanoseconds of a clock that does not run backwards.
    /// - Returns: false when they could not be written: the folder is away or the disk is full.
    mutating func write(_ lines: [UInt8], now: UInt64, milliseconds: UInt64) -> Bool {
        guard now >= retryAt else { return false }
        if descriptor >= 0, size >= maximumFileSize || isUnlinked { finish() }
        if descriptor < 0, !begin(milliseconds: milliseconds) {
            retryAt = now + Self.pauseAfterFailure
            return false
        }
        guard put(lines) else {
            finish()
            retryAt = now + Self.pauseAfterFailure
            return false
        }
        size += lines.count
        return true
    }

    /// Somebody has cleared the folder: what is written from now on would be seen by nobody.
    private var isUnlinked: Bool {
        var status = stat()
        return fstat(descriptor, &status) != 0 || status.st_nlink == 0
    }

    private mutating func finish() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    private mutating func begin(milliseconds: UInt64) -> Bool {
        let name = Self.name(of: resource, milliseconds: milliseconds)
        let path = "\(folder)/\(name)"
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return false }
        // Whatever the umask is: services may have one that leaves the owner nothing.
        fchmod(descriptor, 0o600)
        size = 0
        files.append(path)
        while files.count > Self.maximumFiles { unlink(files.removeFirst()) }
        var head: [UInt8] = []
        head.append(literal: "{\"service\":")
        head.append(quoted: resource.service)
        head.append(literal: ",\"instance\":")
        head.append(quoted: resource.instance)
        head.append(literal: ",\"process\":\(resource.process)}\n")
        return put(head)
    }

    private static func name(of resource: TraceResource, milliseconds: UInt64) -> String {
        let service = resource.service.utf8.prefix(longestService).map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            default: UInt8(ascii: "-")
            }
        }
        let random = String(UInt64.random(in: .min ... .max), radix: 16)
        return "\(String(decoding: service, as: UTF8.self))-\(milliseconds)-\(random)\(suffix)"
    }

    private func put(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
