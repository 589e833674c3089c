import Testing

@testable import AMQP

struct NumberedQueueTests {
    @Test func takesOutInAnyOrder() {
        var queue = NumberedQueue<String>()
        for number in 1...5 { queue.append("\(number)", number: UInt64(number)) }
        #expect(queue.remove(3) == "3")
        #expect(queue.remove(3) == nil)
        #expect(queue.first?.number == 1)
        #expect(queue.popFirst() == "1")
        #expect(queue.remove(2) == "2")
        #expect(queue.first?.number == 4)
        #expect(queue.count == 2)
        #expect(Array(queue.elements) == ["4", "5"])
    }

    @Test func findsNumbersBehindGaps() {
        var queue = NumberedQueue<Int>()
        for number in [2, 3, 900, 1_000_000, UInt64.max] { queue.append(Int(truncatingIfNeeded: number), number: number) }
        #expect(queue.remove(1) == nil)
        #expect(queue.remove(901) == nil)
        #expect(queue.remove(900) == 900)
        #expect(queue.remove(.max) == -1)
        let isThere = queue.update(1_000_000) { $0 = 7 }
        #expect(isThere)
        #expect(queue.remove(1_000_000) == 7)
        #expect(queue.count == 2)
    }

    @Test func refusesANumberThatDoesNotAscend() {
        var queue = NumberedQueue<Int>()
        queue.append(1, number: 5)
        queue.append(2, number: 5)
        queue.append(3, number: 4)
        #expect(queue.count == 1)
    }

    @Test func oneThatStaysHoldsNoMemoryForThoseThatGo() {
        var queue = NumberedQueue<Int>()
        queue.append(0, number: 0)
        for number in 1...200_000 {
            queue.append(number, number: UInt64(number))
            #expect(queue.remove(UInt64(number)) == number)
        }
        #expect(queue.count == 1)
        #expect(queue.capacity < 10_000)
        #expect(queue.popFirst() == 0)
        #expect(queue.isEmpty && queue.first == nil)
    }
}
