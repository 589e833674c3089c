/// A queue: constant time at both ends, also when long.
struct FIFO<Element>: Sequence {
    private var elements: [Element?] = []
    private var head = 0

    private static var compactAt: Int { 64 }

    var count: Int { elements.count - head }
    var isEmpty: Bool { count == 0 }
    var first: Element? { isEmpty ? nil : elements[head] }

    mutating func append(_ element: Element) {
        elements.append(element)
    }

    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        let element = elements[head]
        elements[head] = nil
        head += 1
        if head == elements.count {
            elements.removeAll(keepingCapacity: head <= Self.compactAt * 64)
            head = 0
        } else if head >= Self.compactAt, head * 2 >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }

    mutating func removeAll(where shouldBeRemoved: (Element) -> Bool) {
        self = FIFO(filter { !shouldBeRemoved($0) })
    }

    func makeIterator() -> some IteratorProtocol<Element> {
        elements[head...].lazy.compactMap(\.self).makeIterator()
    }

    init() {}

    init(_ elements: some Sequence<Element>) {
        self.elements = elements.map(Optional.some)
    }
}

extension FIFO: Sendable where Element: Sendable {}
