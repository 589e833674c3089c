import Testing

@testable import AMQP

struct FIFOTests {
    @Test func keepsTheOrderThroughGrowthAndCompaction() {
        var queue = FIFO<Int>()
        var (next, expected) = (0, 0)
        for round in 0..<500 {
            for _ in 0..<(round % 7) {
                queue.append(next)
                next += 1
            }
            for _ in 0..<(round % 5) where !queue.isEmpty {
                #expect(queue.first == expected)
                #expect(queue.popFirst() == expected)
                expected += 1
            }
            #expect(queue.count == next - expected)
        }
        #expect(Array(queue) == Array(expected..<next))
        queue.removeAll { $0 % 2 == 0 }
        #expect(queue.allSatisfy { $0 % 2 == 1 })
    }

    @Test func isEmptyAtTheEnd() {
        var queue = FIFO([1])
        #expect(queue.popFirst() == 1)
        #expect(queue.popFirst() == nil)
        #expect(queue.isEmpty)
        #expect(queue.first == nil)
    }
}
