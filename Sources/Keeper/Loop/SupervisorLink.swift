/// The connection to one life of the supervisor.
struct SupervisorLink {
    /// A supervisor that does not read is given no more work and no notifications until it has read on.
    static let maximumBacklog = 4 << 20

    let descriptor: Descriptor
    var channel: ControlChannel
    /// It has asked for the list, so events of processes mean something to it.
    var hasListed = false

    init(descriptor: Descriptor) {
        self.descriptor = descriptor
        channel = ControlChannel(descriptor: descriptor.number)
    }

    var isFull: Bool { channel.backlog > Self.maximumBacklog }
}
