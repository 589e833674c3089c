/// What can be done with dead letters: by the supervisor's own `DeadLetterService`, or by what stands in for it.
package protocol DeadLetterControl: Sendable {
    /// - Parameter queue: by its own name or its dead-letter queue's; nil: all.
    func overview(queue: String?, _ selection: DeadLetterSelection) async throws(DeadLetterError) -> DeadLetterOverview
    /// - Parameter offset: how many to leave out from the beginning.
    func letters(
        queue: String?, _ selection: DeadLetterSelection, offset: Int, limit: Int
    ) async throws(DeadLetterError) -> DeadLetterPage
    func letter(queue: String?, id: String) async throws(DeadLetterError) -> DeadLetterDetail
    /// Gives a letter another body, with which it will be sent back.
    /// - Parameter isChecked: a JSON body has to be JSON again.
    func edit(queue: String?, id: String, body: [UInt8], isChecked: Bool, actor: String) async throws(DeadLetterError) -> DeadLetterDetail
    func revertEdit(queue: String?, id: String, actor: String) async throws(DeadLetterError) -> DeadLetterDetail
    /// Sends letters back to the queue they came from. Returns soon: a long replay goes on by itself.
    /// - Parameter isForced: also those that are so old that the service may have forgotten that it handled them.
    func replay(
        queue: String, _ selection: DeadLetterSelection, isForced: Bool, isDryRun: Bool, actor: String
    ) async throws(DeadLetterError) -> ReplayReport
    func replay(id: String) async throws(DeadLetterError) -> ReplayStatus
    /// Deletes letters for good.
    func discard(
        queue: String, _ selection: DeadLetterSelection, isDryRun: Bool, actor: String
    ) async throws(DeadLetterError) -> DiscardReport
}
