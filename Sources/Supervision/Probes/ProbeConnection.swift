import Glibc

/// One connection to whoever is asked: it connects, says its piece and listens until the answer is clear. No call of it ever waits.
struct ProbeConnection {
    enum Outcome: Sendable, Equatable {
        /// Its descriptor will become ready.
        case pending
        case answered(ProbeAnswer)
        /// It was not the peer's doing: we have no descriptors or no memory left.
        case unasked
    }

    private static let readSize = 8 << 10
    private static let ownFailures: Set<Int32> = [EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL]

    let descriptor: Int32
    /// Tells the events of its descriptor from those of the one before that had the same number.
    var serial: UInt32 = 0
    /// It has answered before.
    private(set) var isKept = false
    private let address: SocketAddress
    private let question: ProbeQuestion
    private var isConnected = false
    private var unsent: ArraySlice<UInt8>
    private var received: [UInt8] = []

    /// - Parameter descriptor: a new one, which does not block; it is the connection's from now on, until `close`.
    private init(descriptor: Int32, to address: SocketAddress, _ question: ProbeQuestion) {
        self.descriptor = descriptor
        self.address = address
        self.question = question
        unsent = question.request[...]
    }

    /// - Returns: nil and why when there is no connection to wait for.
    static func open(to address: SocketAddress, _ question: ProbeQuestion) -> (connection: ProbeConnection?, outcome: Outcome) {
        let flags = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.family, flags, 0)
        guard descriptor >= 0 else { return (nil, .unasked) }
        let result = address.withPointer { pointer, length in connect(descriptor, pointer, length) }
        guard result == 0 || errno == EINPROGRESS else {
            let error = errno
            Glibc.close(descriptor)
            return (nil, ownFailures.contains(error) ? .unasked : .answered(cannotConnect(address, error)))
        }
        var connection = ProbeConnection(descriptor: descriptor, to: address, question)
        connection.isConnected = result == 0
        // On the loopback a connection is there by now, though it was said to be in progress: that spares a turn of the loop.
        let outcome = question.request.isEmpty && result != 0 ? Outcome.pending : connection.speak()
        guard outcome == .pending else {
            connection.close()
            return (nil, outcome)
        }
        return (connection, .pending)
    }

    /// To be called when the descriptor is ready for anything.
    mutating func proceed() -> Outcome {
        if !isConnected {
            var error: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length)
            guard error == 0 else { return failed(error) }
            isConnected = true
        }
        let outcome = speak()
        guard outcome == .pending, unsent.isEmpty, !question.request.isEmpty else { return outcome }
        return listen()
    }

    private mutating func speak() -> Outcome {
        guard !question.request.isEmpty else { return .answered(question.judge([], false) ?? .success) }
        while !unsent.isEmpty {
            let count = unsent.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0 {
                if errno == EINTR { continue }
                // ENOTCONN and EPIPE: not connected yet.
                let isWaiting = errno == EAGAIN || !isConnected && (errno == ENOTCONN || errno == EPIPE)
                return isWaiting ? .pending : failed(errno)
            }
            isConnected = true
            unsent = unsent.dropFirst(count)
        }
        return .pending
    }

    private func failed(_ error: Int32) -> Outcome {
        if Self.ownFailures.contains(error) { return .unasked }
        return .answered(isConnected ? .failure("\(address): \(Self.text(error))") : Self.cannotConnect(address, error))
    }

    /// Whether it can be asked again. To be asked of one that has answered.
    var canBeKept: Bool { HTTPAnswer.keepsConnection(received) }

    /// Nothing has come of this question yet: what ended a kept connection may have been its age.
    var isUnanswered: Bool { received.isEmpty }

    /// True: nothing has to be written before the answer.
    var hasSpoken: Bool { isConnected && unsent.isEmpty }

    /// Asks again on a connection that has answered.
    mutating func askAgain() -> Outcome {
        isKept = true
        received = []
        unsent = question.request[...]
        return speak()
    }

    func close() { Glibc.close(descriptor) }

    private mutating func listen() -> Outcome {
        while received.count <= ProbeQuestion.maximumAnswer + Self.readSize {
            var count = 0
            let piece = [UInt8](unsafeUninitializedCapacity: Self.readSize) { buffer, initialized in
                count = recv(descriptor, buffer.baseAddress, Self.readSize, 0)
                initialized = max(count, 0)
            }
            if count < 0 {
                if errno == EINTR { continue }
                return errno == EAGAIN ? .pending : .answered(.failure("\(address): \(Self.text(errno))"))
            }
            received += piece
            if let answer = question.judge(received, count == 0) { return .answered(answer) }
            if count == 0 { break }
        }
        return .answered(.failure("\(address): its answer makes no sense"))
    }

    private static func cannotConnect(_ address: SocketAddress, _ error: Int32) -> ProbeAnswer {
        .failure("cannot connect to \(address): \(text(error))")
    }

    private static func text(_ error: Int32) -> String { String(cString: strerror(error)) }
}
