import Testing

@testable import Gateway

struct SendRulesTests {
    private let one = Endpoint(service: "s", instance: 1, host: "127.0.0.1", port: 1)
    private let two = Endpoint(service: "s", instance: 2, host: "127.0.0.1", port: 2)

    @Test func whatIsNotIdempotentIsNeverSentTwice() {
        var rules = SendRules(isIdempotent: false, maximumAttempts: 3)
        rules.sent()
        let isRepeated = rules.connectionDied(one, isReused: true, canRepeat: true)
        #expect(!isRepeated)
    }

    @Test func idempotentRequestsAreSentAgainWithinTheBound() {
        var rules = SendRules(isIdempotent: true, maximumAttempts: 2)
        rules.sent()
        let isRepeated = rules.connectionDied(one, isReused: true, canRepeat: true)
        #expect(isRepeated)
        #expect(rules.failed.isEmpty)
        rules.sent()
        let isRepeatedAgain = rules.connectionDied(one, isReused: false, canRepeat: true)
        #expect(!isRepeatedAgain)
        #expect(rules.failed == [one])
    }

    @Test func aBodyThatWasNotKeptCannotBeSentAgain() {
        var rules = SendRules(isIdempotent: true, maximumAttempts: 3)
        rules.sent()
        let isRepeated = rules.connectionDied(one, isReused: true, canRepeat: false)
        #expect(!isRepeated)
    }

    @Test func balancerPrefersTheLessLoadedOfTwo() {
        var random = SplitMix(seed: 7)
        for _ in 0..<50 {
            let chosen = Balancer.choose(among: [one, two], inFlight: [one: 3, two: 1], random: &random)
            #expect(chosen == two)
        }
        let none = Balancer.choose(among: [], inFlight: [:], random: &random)
        #expect(none == nil)
        let chosen = (0..<100).map { _ in Balancer.choose(among: [one, two], inFlight: [:], random: &random) }
        #expect(chosen.contains(one) && chosen.contains(two))
    }
}
