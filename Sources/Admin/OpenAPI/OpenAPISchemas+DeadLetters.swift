extension OpenAPISchemas {
    static let deadLetters: [String: JSONValue] = [
        "DeadLetterSelection": object(
            ["ids": array(text), "group": text, "type": text, "cause": text, "subject": text, "limit": number, "all": flag], required: []),
        "DeadLetterOverview": object(
            ["queues": array(.reference("DeadLetterQueueStatus")), "groups": array(.reference("DeadLetterGroup"))],
            required: ["queues", "groups"]),
        "DeadLetterQueueStatus": object(
            ["queue": text, "count": number, "beyond": number, "loading": flag, "problem": text],
            required: ["queue", "count", "beyond", "loading"]),
        "DeadLetterGroup": object(
            [
                "group": text, "queue": text, "type": text, "cause": text, "count": number, "first": time, "last": time, "example": text,
            ], required: ["group", "queue", "type", "cause", "count", "example"]),
        "DeadLetterPage": object(
            ["dead_letters": array(.reference("DeadLetterSummary")), "total": number], required: ["dead_letters", "total"]),
        "DeadLetterSummary": object(
            [
                "id": text, "message_id": text, "queue": text, "type": text, "subject": text, "cause": text, "group": text,
                "attempts": number,
                "first_failed_at": time, "body_bytes": number, "edited": flag,
            ], required: ["id", "queue", "type", "cause", "group", "attempts", "body_bytes", "edited"]),
        "DeadLetterDetail": object(
            [
                "summary": .reference("DeadLetterSummary"), "cause": text, "explanation": text, "message_id": text, "content_type": text,
                "correlation_id": text, "source": text, "published_at": time,
                "headers": ["type": "object", "additionalProperties": text], "body": text, "is_base64": flag, "edited_at": time,
                "original_body": text, "before": array(text),
            ], required: ["summary", "cause", "headers", "body", "is_base64", "before"]),
        "ReplayReport": object(
            [
                "queue": text, "count": number, "ids": array(text), "edited": number, "too_old": array(text), "unavailable": array(text),
                "overtakings": array(.reference("Overtaking")), "beyond": number, "replay": .reference("ReplayStatus"), "replayed": number,
            ], required: ["queue", "count", "ids", "edited", "too_old", "unavailable", "overtakings", "beyond", "replayed"]),
        "Overtaking": object(
            ["subject": text, "staying": array(text), "overtaken_by": text], required: ["subject", "staying", "overtaken_by"]),
        "ReplayStatus": object(
            [
                "id": text, "queue": text, "state": choice("running", "completed", "stopped"), "total": number, "replayed": number,
                "reason": text,
            ], required: ["id", "queue", "state", "total", "replayed"]),
        "DiscardReport": object(
            ["queue": text, "count": number, "ids": array(text), "dry_run": flag], required: ["queue", "count", "ids", "dry_run"]),
    ]

    private static let flag: JSONValue = ["type": "boolean"]
}
