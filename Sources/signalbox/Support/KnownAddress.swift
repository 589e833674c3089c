import Topology

/// The address that the topology declares, for the first who asks and for those who ask again.
actor KnownAddress {
    private var address: ListenAddress?

    func first(of declared: AsyncStream<ListenAddress>) async throws -> ListenAddress {
        if let address { return address }
        guard let first = await declared.first(where: { _ in true }) else { throw CancellationError() }
        address = first
        return first
    }
}
