import Testing

@testable import AMQP

struct ConfirmWindowTests {
    private func window(_ elements: String...) -> ConfirmWindow<String> {
        var window = ConfirmWindow<String>()
        for (index, element) in elements.enumerated() { #expect(window.append(element) == UInt64(index + 1)) }
        return window
    }

    @Test func settlesOneByOneInAnyOrder() {
        var window = window("a", "b", "c")
        #expect(window.settle(2, isMultiple: false) == ["b"])
        #expect(window.settle(1, isMultiple: false) == ["a"])
        #expect(window.append("d") == 4)
        #expect(window.settle(4, isMultiple: false) == ["d"])
        #expect(window.settle(3, isMultiple: false) == ["c"])
        #expect(window.isEmpty)
        #expect(window.append("e") == 5)
    }

    @Test func settlesAllUpToOne() {
        var window = window("a", "b", "c", "d")
        #expect(window.settle(2, isMultiple: false) == ["b"])
        #expect(window.settle(3, isMultiple: true) == ["a", "c"])
        #expect(window.count == 1)
        #expect(window.settle(0, isMultiple: true) == ["d"])
    }

    @Test func ignoresWhatItDoesNotKnow() {
        var window = window("a")
        #expect(window.settle(2, isMultiple: false) == [])
        #expect(window.settle(9, isMultiple: true) == [])
        #expect(window.settle(0, isMultiple: false) == [])
        #expect(window.settle(.max, isMultiple: false) == [])
        #expect(window.settle(1, isMultiple: false) == ["a"])
        #expect(window.settle(1, isMultiple: false) == [])
        #expect(window.settle(1, isMultiple: true) == [])
        #expect(window.settle(0, isMultiple: true) == [])
    }

    @Test func beginsAtOneAgainOnANewChannel() {
        var window = window("a", "b", "c")
        _ = window.settle(2, isMultiple: false)
        #expect(window.removeAll() == ["a", "c"])
        #expect(window.append("a") == 1)
    }

    @Test func countsOnOverManyThousands() {
        var window = ConfirmWindow<Int>()
        for number in 1...10_000 {
            #expect(window.append(number) == UInt64(number))
            if number > 100 { #expect(window.settle(UInt64(number - 100), isMultiple: false) == [number - 100]) }
        }
        #expect(window.settle(10_000, isMultiple: true) == Array(9_901...10_000))
    }
}
