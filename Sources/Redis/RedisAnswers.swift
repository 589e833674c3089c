/// Gathers the answers to a pipeline, and tells them when the last one is there.
final class RedisAnswers {
    private var values: [RedisValue]
    private var missing: Int
    private var failure: RedisError?
    private let finish: (Result<[RedisValue], RedisError>) -> Void

    init(count: Int, finish: @escaping (Result<[RedisValue], RedisError>) -> Void) {
        values = [RedisValue](repeating: .null, count: count)
        missing = count
        self.finish = finish
    }

    /// To be called once for each.
    func take(_ answer: Result<RedisValue, RedisError>, at index: Int) {
        switch answer {
        case .success(let value): values[index] = value
        case .failure(let error): failure = failure ?? error
        }
        missing -= 1
        guard missing == 0 else { return }
        finish(failure.map { .failure($0) } ?? .success(values))
    }
}
