/// Methods on a channel that is opened for them and closed after the last answer.
final class ChannelCall: ChannelHandler {
    private let methods: [ClientMethod]
    private var completion: ((Result<ServerMethod, AMQPError>) -> Void)?
    private var link: Link?
    private var channel: UInt16?
    /// Of the channel's opening and the methods.
    private var answersDue: Int

    init(_ methods: [ClientMethod], completion: @escaping (Result<ServerMethod, AMQPError>) -> Void) {
        self.methods = methods
        self.completion = completion
        answersDue = 1 + methods.count
    }

    func start(on link: Link) {
        self.link = link
        do throws(AMQPError) {
            channel = try link.openChannel(self)
            guard let channel else { throw AMQPError(.overloaded, "every channel of the connection is in use") }
            for method in methods { try link.send(method, channel: channel) }
        } catch {
            finish(.failure(error))
        }
    }

    func received(_ event: ChannelEvent) {
        switch event {
        case .replied(let method):
            answersDue -= 1
            if answersDue == 0 { finish(.success(method)) }
        case .closed(let error):
            channel = nil
            finish(.failure(error))
        default: break
        }
    }

    /// The connection is gone.
    func fail(_ error: AMQPError) {
        channel = nil
        finish(.failure(error))
    }

    private func finish(_ result: Result<ServerMethod, AMQPError>) {
        guard let completion else { return }
        self.completion = nil
        if let channel { link?.closeChannel(channel) }
        link = nil
        completion(result)
    }
}
