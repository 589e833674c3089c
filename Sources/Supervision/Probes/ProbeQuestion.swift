/// What is said to a peer, and what its bytes mean.
struct ProbeQuestion: Sendable {
    /// Bytes of an answer that are read at most.
    static let maximumAnswer = 64 << 10

    /// Empty: to be connected with is answer enough.
    var request: [UInt8] = []
    /// Given everything received so far, and whether the peer has closed. Nil: more has to come.
    var judge: @Sendable (_ received: [UInt8], _ isClosed: Bool) -> ProbeAnswer?

    /// That somebody accepts connections.
    static let connection = ProbeQuestion { _, _ in .success }

    /// - Parameter keepsConnection: it may be asked again on the same connection.
    static func http(path: String, keepsConnection: Bool = false) -> ProbeQuestion {
        var request = "GET \(path) HTTP/1.1\r\nHost: localhost\r\nUser-Agent: signalbox-probe\r\nAccept: */*\r\n"
        request += keepsConnection ? "\r\n" : "Connection: close\r\n\r\n"
        return ProbeQuestion(request: Array(request.utf8)) { HTTPAnswer.judge($0, isClosed: $1, to: path) }
    }

    /// AMQP 0-9-1, 2.2.4: the server answers the protocol's header with connection.start, or with the header of what it speaks instead.
    static let amqp = ProbeQuestion(request: Array("AMQP".utf8) + [0, 0, 9, 1]) { received, isClosed in
        // A method frame on channel 0 with the class 10 and the method 10.
        if received.count >= 11 {
            let isStart = received[0] == 1 && received[1...2].allSatisfy { $0 == 0 } && Array(received[7...10]) == [0, 10, 0, 10]
            return isStart ? .success : .failure("it does not speak AMQP 0-9-1")
        }
        if received.count >= 8, received.starts(with: Array("AMQP".utf8)) { return .failure("it does not speak AMQP 0-9-1") }
        return isClosed ? .failure("it closed the connection without connection.start") : nil
    }

    /// As pg_isready(1): whatever it says to a StartupMessage, it is there; only that it is starting up or stopping (57P03) is no yes.
    static let postgres: ProbeQuestion = {
        var body: [UInt8] = [0, 3, 0, 0]
        for word in ["user", "postgres", "database", "postgres", "application_name", "signalbox-probe"] { body += Array(word.utf8) + [0] }
        body.append(0)
        let length = UInt32(body.count + 4)
        let request = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) } + body
        return ProbeQuestion(request: request) { received, isClosed in
            guard let first = received.first else { return isClosed ? .failure("it closed the connection without an answer") : nil }
            if first == UInt8(ascii: "R") { return .success }
            guard first == UInt8(ascii: "E") else { return .failure("it does not speak PostgreSQL's protocol") }
            guard let fields = postgresError(received) else {
                return isClosed ? .failure("it closed the connection without an answer") : nil
            }
            return fields["C"] == "57P03" ? .failure(fields["M"] ?? "it takes no connections now") : .success
        }
    }()

    /// The fields of an ErrorResponse by their letters. Nil: it is not whole yet.
    private static func postgresError(_ received: [UInt8]) -> [Character: String]? {
        guard received.count >= 5 else { return nil }
        let length = received[1...4].reduce(0) { $0 << 8 | Int($1) }
        guard received.count >= length + 1 else { return nil }
        var fields: [Character: String] = [:]
        for field in received[5..<max(5, min(received.count, length + 1))].split(separator: 0) {
            if let letter = field.first { fields[Character(Unicode.Scalar(letter))] = String(decoding: field.dropFirst(), as: UTF8.self) }
        }
        return fields
    }

    /// That it wants a password first is an answer too; that it is still loading its data is not yet a yes.
    static let redis = ProbeQuestion(request: Array("*1\r\n$4\r\nPING\r\n".utf8)) { received, isClosed in
        guard let end = received.firstIndex(of: UInt8(ascii: "\r")) else {
            return isClosed ? .failure("it closed the connection without an answer") : nil
        }
        let line = String(decoding: received[..<end], as: UTF8.self)
        return line == "+PONG" || line.hasPrefix("-NOAUTH") ? .success : .failure("PING: \(line.prefix(HTTPAnswer.shownBody))")
    }
}
