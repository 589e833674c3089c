/// By which one instance of a service tells the others on its host that there is work for them in their database.
final class InstanceBells: Sendable {
    /// Instances beyond it hear nothing and look by themselves.
    static let maximumInstances = 32

    private let own: Doorbell
    private let others: [Doorbell]

    init(service: String, instance: Int) {
        func bell(_ number: Int) -> Doorbell { Doorbell(name: "\(service) instance \(number)") }
        own = bell(instance)
        others = (1...Self.maximumInstances).filter { $0 != instance }.map(bell)
    }

    /// Calls `rung` when another instance rings.
    func listen(_ rung: @escaping @Sendable () -> Void) {
        own.listen(rung)
    }

    func stopListening() {
        own.stopListening()
    }

    /// - Returns: how many there are.
    @discardableResult
    func ringOthers() -> Int {
        others.reduce(0) { $0 + ($1.ring() ? 1 : 0) }
    }
}
