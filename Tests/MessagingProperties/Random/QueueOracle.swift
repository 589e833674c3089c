import ServiceTestKit

/// What RabbitMQ makes of the commands of a random sequence, told as simply as can be: messages are numbers.
struct QueueOracle {
    struct Message: Equatable {
        let number: Int
        /// It expires as soon as it is at the head.
        var isDoomed = false
        var position = 0
        var returns = 0
        var wasDelivered = false
    }

    struct Death: Equatable, CustomStringConvertible {
        let number: Int
        let reason: String
        var description: String { "\(number) \(reason)" }
    }

    struct Consumer {
        let id: Int
        var prefetch: Int
        var held: [Message] = []
        var isCancelled = false
        var room: Int { isCancelled ? 0 : prefetch - held.count }
    }

    let queue: TestQueue
    private(set) var ready: [Message] = []
    private(set) var consumers: [Consumer] = []
    private(set) var dead: [Death] = []
    /// At the head, of a quorum queue.
    private var returned = 0
    private var lastPosition = 0
    private var lastNumber = 0
    private var mayDropFirst = false

    init(_ queue: TestQueue) {
        self.queue = queue
    }

    func consumer(_ id: Int) -> Consumer? { consumers.first { $0.id == id } }
    /// Whose turn it is, on a queue with a single active consumer.
    private var active: Int? { consumers.first { !$0.isCancelled }?.id }

    /// How many more could be handed out.
    var room: Int {
        consumers.filter { !queue.isSingleActiveConsumer || $0.id == active }.map(\.room).reduce(0, +)
    }

    func maybeActive(_ id: Int) -> Bool { !queue.isSingleActiveConsumer || id == active }

    // MARK: - Commands

    mutating func publish(isDoomed: Bool = false) -> Int {
        lastNumber += 1
        append(Message(number: lastNumber, isDoomed: isDoomed))
        return lastNumber
    }

    mutating func add(_ id: Int, prefetch: Int) {
        consumers.append(Consumer(id: id, prefetch: prefetch))
    }

    mutating func acknowledge(_ number: Int, of id: Int) {
        _ = take(number, from: id)
    }

    mutating func reject(_ number: Int, of id: Int, requeue: Bool) {
        guard let message = take(number, from: id) else { return }
        guard requeue else { return dead.append(Death(number: number, reason: "rejected")) }
        let deaths = dead.count
        give(back: message, isChannelLost: false)
        // RabbitMQ 3.10 gives credit for a message that died so twice.
        if dead.count > deaths, let index = consumers.firstIndex(where: { $0.id == id }) { consumers[index].prefetch += 1 }
    }

    mutating func cancel(_ id: Int) {
        guard let index = consumers.firstIndex(where: { $0.id == id }) else { return }
        consumers[index].isCancelled = true
    }

    mutating func lose(_ id: Int) {
        guard let index = consumers.firstIndex(where: { $0.id == id }) else { return }
        for message in consumers.remove(at: index).held { give(back: message, isChannelLost: true) }
    }

    // MARK: - What follows

    /// What is handed out now, in its order; to whom is the broker's choice.
    mutating func deliver() -> [Message] {
        var handedOut: [Message] = []
        var room = room
        if mayDropFirst { drop() }
        mayDropFirst = false
        repeat {
            while let head = ready.first {
                if head.isDoomed {
                    dead.append(Death(number: removeFirst().number, reason: "expired"))
                } else if room > 0 {
                    room -= 1
                    handedOut.append(removeFirst())
                } else {
                    break
                }
            }
        } while drop()
        return handedOut
    }

    /// The broker chose.
    mutating func handOut(_ message: Message, to id: Int) {
        guard let index = consumers.firstIndex(where: { $0.id == id }) else { return }
        var message = message
        message.wasDelivered = true
        consumers[index].held.append(message)
    }

    /// A quorum queue sends the last of those that it drops at once first to the dead letters.
    /// - Returns: whether there were any.
    @discardableResult
    private mutating func drop() -> Bool {
        guard let maximum = queue.maximumLength else { return false }
        var deaths: [Death] = []
        // What expires at the head ends a row of them.
        while ready.count > maximum, deaths.isEmpty || ready.first?.isDoomed == false {
            deaths.append(Death(number: removeFirst().number, reason: "maxlen"))
        }
        dead += queue.kind == .quorum ? deaths.reversed() : deaths
        return !deaths.isEmpty
    }

    private mutating func take(_ number: Int, from id: Int) -> Message? {
        guard let index = consumers.firstIndex(where: { $0.id == id }),
            let place = consumers[index].held.firstIndex(where: { $0.number == number })
        else { return nil }
        return consumers[index].held.remove(at: place)
    }

    private mutating func give(back message: Message, isChannelLost: Bool) {
        var message = message
        guard queue.kind == .quorum else {
            mayDropFirst = true
            return ready.insert(message, at: ready.firstIndex { $0.position > message.position } ?? ready.endIndex)
        }
        message.returns += 1
        if let limit = queue.deliveryLimit, message.returns > limit {
            dead.append(Death(number: message.number, reason: "delivery_limit"))
        } else if queue.deliveryLimit == nil, !isChannelLost {
            append(message)
        } else {
            ready.insert(message, at: returned)
            returned += 1
        }
    }

    private mutating func append(_ message: Message) {
        lastPosition += 1
        ready.append(message)
        ready[ready.count - 1].position = lastPosition
    }

    private mutating func removeFirst() -> Message {
        returned = max(0, returned - 1)
        return ready.removeFirst()
    }
}
