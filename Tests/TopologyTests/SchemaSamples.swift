@testable import Topology

/// Values for the keys of the schema, and files in which they make sense.
enum SchemaSamples {
    /// What stands for any name in a map.
    static func name(in map: String) -> String {
        ["services": "svc", "exchanges": "ex", "queues": "q", "depends_on": "done", "secrets": "VARIABLE"][map] ?? "unknown"
    }

    /// Two values that mean different things; no second one where the key takes one value only.
    static func values(of shape: ValueShape, at path: [String]) -> (YAMLTree, YAMLTree?) {
        let isProbe = path.count == 4 && ["startup", "readiness", "liveness"].contains(path[2])
        switch shape {
        case .boolean where isProbe || path.last == "managed": return ("true", nil)
        case .text, .list(.text, _): if let values = texts[path.joined(separator: ".")] ?? texts[path[path.count - 1]] { return values }
        default: break
        }
        switch shape {
        case .text: return ("alpha", "beta")
        case .textMatching("^/"): return ("/alpha", "/beta")
        case .textMatching(FileModeMask.pattern): return ("022", "027")
        case .textMatching: return ("alpha", "beta")
        case .scalar: return ("1", "2")
        case .integer(let range): return (.text("\(range.lowerBound)"), .text("\(range.lowerBound + 1)"))
        case .number(let range): return (.text("\(range.lowerBound)"), .text("\(range.upperBound)"))
        case .boolean: return ("true", "false")
        case .duration: return ("1m", "2m")
        case .size: return ("32M", "64M")
        case .choice(let choices): return (.text(choices[0]), .text(choices[choices.count - 1]))
        case .list(let entry, _):
            let (first, second) = values(of: entry, at: path)
            return ([first], second.map { [$0] })
        case .map(let value, let names):
            let name = names.isEmpty ? "done" : "VARIABLE"
            let (first, second) = values(of: value, at: path)
            return (.map([name: first]), second.map { .map([name: $0]) })
        case .nothing, .object, .either: return ("no", "value")
        }
    }

    /// Texts that have to mean something, by the key's whole path or its last name.
    private static let texts: [String: (YAMLTree, YAMLTree?)] = [
        "broker.url": ("amqp://a", "amqp://b"), "database.url": ("postgres://a", "postgres://b"), "cache.url": ("redis://a", "redis://b"),
        "management_url": ("http://a", "http://b"), "listen": ("127.0.0.1:81", "127.0.0.1:82"),
        "cron": ("@daily", "@hourly"), "schedule": ("@daily", "@hourly"), "time_zone": ("Europe/Berlin", "Asia/Tokyo"),
        "depends_on": (["broker"], ["broker", "other"]), "publishes": (["ex"], ["ex2"]),
        "events": (["order.created"], ["order.confirmed"]), "exchange": ("ex", "ex2"),
        "queue": ("q", "q2"), "consumer": ("svc", "other"), "service": ("svc", "other"),
        "tcp": ("127.0.0.1:81", "127.0.0.1:82"), "amqp": ("127.0.0.1:81", "unix:x"), "postgres": ("127.0.0.1:81", "unix:x"),
        "redis": ("127.0.0.1:81", "unix:x"), "password_variable": ("ALPHA", "BETA"),
    ]

    /// What may stand in the place of a key that takes one value only.
    static func alternative(to path: [String]) -> YAMLTree {
        path.last == "managed" ? .map(["url": texts["\(path[0]).url"]?.0 ?? "no"]) : ["exec": "other"]
    }

    /// The file without the key, and all that has to stand beside it.
    static func surroundings(of path: [String]) -> YAMLTree {
        let name = path.joined(separator: ".")
        var file: YAMLTree = [
            "name": "n",
            "services": [
                "svc": ["command": "svc", "depends_on": ["broker"]], "other": ["command": "other", "depends_on": ["broker"]],
                "done": ["command": "done", "type": "one-shot"],
            ],
            "exchanges": ["ex": ["external": "true"], "ex2": ["external": "true"]],
            "queues": ["q": ["consumer": "other"], "q2": ["consumer": "other"]],
        ]
        func add(_ way: [String], _ value: YAMLTree) { file = file.merged(with: .at(way, value)) }
        let service = ["services", "svc"]
        switch path.count > 2 && path[0] == "services" ? path[2] : path[0] {
        case "startup", "readiness", "liveness":
            add(service + ["update", "ready_within"], "1h")
            if !ProbeKey.checks.map(\.rawValue).contains(path[3]) { add(service + [path[2], "exec"], "check") }
        case "schedule":
            if path.count > 3, path[3] != "cron" { add(service + ["schedule", "cron"], "@daily") }
        case "restart":
            if name.hasSuffix("backoff.initial") { add(service + ["restart", "backoff", "max"], "1h") }
            if name.hasSuffix("on") { add(service + ["restart", "exceptions", "-", "then"], "fail") }
            if name.hasSuffix("then") { add(service + ["restart", "exceptions", "-", "on"], "1") }
        case "scale":
            for queue in ["q", "q2"] where path[3] != "max" { add(["queues", queue, "consumer"], "svc") }
            if ["backlog_per_instance", "consumer_utilisation"].contains(path[3]) { add(service + ["scale", "queue"], "q") }
            if ["tolerance", "up_after", "down_after", "cool_down"].contains(path[3]) { add(service + ["scale", "cpu"], "1") }
        case "publishes":
            add(["queues", "q", "bindings"], [["exchange": "ex", "key": "#"], ["exchange": "ex2", "key": "#"]])
            if name.hasSuffix("events") { add(service + ["publishes", "-", "exchange"], "ex") }
            if name.hasSuffix("exchange") { add(service + ["publishes", "-", "events"], ["order.created"]) }
        case "broker", "database", "cache":
            if path[1] != "managed", let url = texts["\(path[0]).url"] { add([path[0], "url"], url.0) }
        case "queues" where name.contains("bindings"):
            add(["queues", "q", "bindings", "-"], ["exchange": "ex", "key": "k"])
        case "routes":
            add(["routes", "-", "path"], "/r")
            for name in ["svc", "other"] { add(["services", name, "stop", "grace"], "1h") }
            if name.hasSuffix("invalidate_on") { add(["routes", "-", "cache", "ttl"], "1m") }
            if path[2] == "reply_mode" { add(["routes", "-", "queue"], "q") }
            if !["service", "queue", "reply_mode"].contains(path[2]) { add(["routes", "-", "service"], "svc") }
        default: break
        }
        return file
    }
}
