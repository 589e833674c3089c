/// The shapes of what the admin endpoint answers, as JSON Schema.
enum OpenAPISchemas {
    static let health: JSONValue = .reference("Health")

    static let all: [String: JSONValue] = [
        "Health": object(
            [
                "status": text, "name": text, "reason": text, "containment": text, "version": text, "pid": number,
                "missing": array(.reference("MissingService")), "broker": .reference("BrokerStatus"),
            ],
            required: ["status"]),
        "MissingService": object(
            ["service": text, "state": text, "ready": number, "desired": number, "reason": text],
            required: ["service", "state", "ready", "desired"]),
        "TopologyStatus": object(
            [
                "name": text, "state": choice("starting", "ready", "degraded", "stopping", "failed"), "reason": text, "containment": text,
                "addresses": ["type": "object", "additionalProperties": text], "services": array(.reference("ServiceStatus")),
                "broker": .reference("BrokerStatus"),
            ], required: ["name", "state", "containment", "addresses", "services"]),
        "BrokerStatus": object(
            [
                "checked_at": time, "differences": array(text), "problems": array(text), "migrations": array(text),
                "undeclared": array(text),
            ], required: ["checked_at", "differences", "problems", "migrations", "undeclared"]),
        "ServiceStatus": object(
            [
                "name": text, "kind": choice("server", "service"),
                "state": choice("waiting", "starting", "ready", "degraded", "stopping", "stopped", "failed", "completed", "scheduled"),
                "reason": text,
                "desired": number, "ready": number, "instances": array(.reference("InstanceStatus")), "under_way": ["type": "boolean"],
                "settles_within": ["type": "number"],
            ], required: ["name", "kind", "state", "desired", "ready", "instances"]),
        "InstanceStatus": object(
            [
                "instance": number, "state": text, "pid": number, "port": number, "started_at": time, "restarts": number, "last_exit": text,
                "reason": text, "beside": .reference("BesideStatus"), "dropped_lines": number,
            ], required: ["instance", "state", "restarts"]),
        "BesideStatus": object(
            ["role": choice("new", "old"), "state": text, "pid": number, "port": number], required: ["role", "state"]),
        "TransitionRecord": object(
            [
                "sequence": number, "time": time, "service": text, "instance": number, "from": text, "to": text, "cause": text,
                "evidence": text, "actor": text,
            ], required: ["sequence", "time", "service", "from", "to", "cause", "actor"]),
        "LogLine": object(
            [
                "service": text, "instance": number, "time": text, "stream": choice("out", "err"),
                "level": ["type": "string", "enum": .array(LogLevel.allCases.map { .string($0.rawValue) })], "text": text,
            ], required: ["service", "instance", "time", "stream", "level", "text"]),
        "Story": object(
            [
                "service": text, "instance": number, "state": text, "now": array(text), "events": array(.reference("StoryEvent")),
                "advice": array(text),
            ], required: ["service", "state", "now", "events", "advice"]),
        "StoryEvent": object(
            ["time": time, "until": time, "instance": number, "text": text, "importance": choice("ordinary", "good", "bad")],
            required: ["time", "text", "importance"]),
        "Upgrade": object(["executable": text, "state": choice("replacing")], required: ["state"]),
        "ApplyPlan": object(
            [
                "services": array(.reference("ApplyStep")), "broker": array(text), "refused": array(text), "notes": array(text),
                "undeclared": array(text),
            ], required: ["services", "broker", "refused", "notes", "undeclared"]),
        "ApplyStep": object(
            [
                "service": text, "action": choice("nothing", "in place", "rolling", "recreate", "start", "stop"),
                "reasons": array(text),
            ], required: ["service", "action", "reasons"]),
        "QueueStatus": object(
            [
                "name": text, "consumer": text, "ready": number, "unacknowledged": number, "consumers": number, "retrying": number,
                "dead": number,
            ], required: ["name", "consumer", "ready", "unacknowledged", "consumers", "retrying", "dead"]),
        "Problem": object(
            [
                "type": text, "title": text, "status": number, "detail": text, "hint": text, "minimum": number, "maximum": number,
                "mistakes": array(
                    object(["file": text, "line": number, "column": number, "message": text], required: ["file", "message"])),
            ], required: ["type", "title", "status", "detail"]),
    ].merging(deadLetters) { $1 }

    static let text: JSONValue = ["type": "string"]
    static let number: JSONValue = ["type": "integer"]
    static let time: JSONValue = ["type": "string", "format": "date-time"]

    static func array(_ items: JSONValue) -> JSONValue { ["type": "array", "items": items] }
    static func choice(_ values: String...) -> JSONValue { ["type": "string", "enum": .array(values.map(JSONValue.string))] }

    static func object(_ properties: [String: JSONValue], required: [String]) -> JSONValue {
        ["type": "object", "properties": .object(properties), "required": .array(required.map(JSONValue.string))]
    }
}
