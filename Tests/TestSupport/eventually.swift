/// Waits until `condition` holds, asking again every 20 ms; throws when it does not within the limit.
package func eventually(
    within limit: Duration = .seconds(15), _ what: String = "the condition", isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while !(try await condition()) {
        guard ContinuousClock.now < deadline else { throw TestSupportError("\(what) did not come true within \(limit)") }
        try await Task.sleep(for: .milliseconds(20))
    }
}
