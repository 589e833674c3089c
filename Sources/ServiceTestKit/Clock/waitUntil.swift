/// Waits in real time until the condition holds, asking again every few milliseconds: for what a service does at its own pace.
/// - Throws: `TestKitError` when it does not hold in time, and what the condition throws.
public func waitUntil(
    _ what: String = "the condition", patience: Duration = .seconds(10), isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + patience
    while !(try await condition()) {
        guard .now < deadline else { throw TestKitError("\(what) did not come true within \(patience) of real time") }
        try await Task.sleep(for: .milliseconds(2))
    }
}
