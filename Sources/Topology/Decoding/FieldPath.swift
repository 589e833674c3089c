/// The way from the top of the file to a value: `services.order.instances`, `queues[payment.orders].bindings[0]`.
struct FieldPath: Hashable, CustomStringConvertible {
    enum Component: Hashable {
        case name(String)
        case index(Int)
    }

    var components: [Component] = []

    static func / (path: FieldPath, name: String) -> FieldPath {
        FieldPath(components: path.components + [.name(name)])
    }

    static func / (path: FieldPath, index: Int) -> FieldPath {
        FieldPath(components: path.components + [.index(index)])
    }

    var parent: FieldPath? {
        components.isEmpty ? nil : FieldPath(components: components.dropLast())
    }

    var description: String {
        var text = ""
        for component in components {
            switch component {
            case .index(let index): text += "[\(index)]"
            case .name(let name) where name.contains("."): text += "[\(name)]"
            case .name(let name): text += text.isEmpty ? name : ".\(name)"
            }
        }
        return text
    }
}
