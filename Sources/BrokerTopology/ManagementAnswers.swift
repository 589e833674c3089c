/// The management API's JSON, as far as it is read.
enum ManagementAnswers {
    struct VirtualHost: Decodable {
        var name: String
    }

    struct Exchange: Decodable {
        var name: String
        var type: String
        var durable: Bool
        var auto_delete: Bool?
        var `internal`: Bool?
        var arguments: Table?
    }

    struct Queue: Decodable {
        var name: String
        var type: String?
        var durable: Bool
        var auto_delete: Bool
        /// Missing or null for queues of a node that is away.
        var exclusive: Bool?
        var arguments: Table
        /// Of the queue's own statistics, as what follows; missing until it has told them.
        var state: String?
        var messages: Int?
        var consumers: Int?
    }

    struct Owner: Decodable {
        struct Connection: Decodable { var name: String? }

        var name: String
        /// An empty text where there is none.
        var owner_pid_details: Connection?

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            name = try values.decode(String.self, forKey: .name)
            owner_pid_details = try? values.decodeIfPresent(Connection.self, forKey: .owner_pid_details)
        }

        private enum CodingKeys: String, CodingKey { case name, owner_pid_details }
    }

    /// As the broker itself has counted, without the management plugin's delay.
    struct Totals: Decodable {
        var name: String
        var messages: Int?
    }

    struct TopicPermission: Decodable {
        var user: String
    }

    struct Depth: Decodable {
        var name: String
        var messages_ready: Int?
        var messages_unacknowledged: Int?
        var consumers: Int?
        /// Until 3.9; since then `consumer_capacity`, of which this is another name.
        var consumer_utilisation: Double?
        var consumer_capacity: Double?

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            name = try values.decode(String.self, forKey: .name)
            messages_ready = try values.decodeIfPresent(Int.self, forKey: .messages_ready)
            messages_unacknowledged = try values.decodeIfPresent(Int.self, forKey: .messages_unacknowledged)
            consumers = try values.decodeIfPresent(Int.self, forKey: .consumers)
            // An empty string where Erlang has nothing to say.
            consumer_utilisation = try? values.decodeIfPresent(Double.self, forKey: .consumer_utilisation)
            consumer_capacity = try? values.decodeIfPresent(Double.self, forKey: .consumer_capacity)
        }

        private enum CodingKeys: String, CodingKey {
            case name, messages_ready, messages_unacknowledged, consumers, consumer_utilisation, consumer_capacity
        }
    }

    struct Binding: Decodable {
        var source: String
        var destination: String
        var destination_type: String
        var routing_key: String
        var arguments: Table
        var properties_key: String
    }

    struct Policy: Decodable {
        var name: String
        var pattern: String
        var applyTo: String
        var priority: Int
        var definition: Table

        enum CodingKeys: String, CodingKey {
            case name, pattern, priority, definition
            case applyTo = "apply-to"
        }
    }

    struct QueueHealth: Decodable {
        var type: String?
        var state: String?

        var isQuorum: Bool { type == "quorum" }
        var isDown: Bool { state == "down" }
    }

    struct User: Decodable {
        var name: String
        var password_hash: String
        var hashing_algorithm: String?
        var tags: Tags
    }

    struct Permission: Decodable {
        var user: String
        var configure: String
        var write: String
        var read: String
    }

    /// Erlang cannot tell an empty table from an empty list: both come as `[]`.
    struct Table: Decodable {
        var values: [String: JSONScalar]

        init(from decoder: any Decoder) throws {
            values = (try? decoder.singleValueContainer().decode([String: JSONScalar].self)) ?? [:]
        }
    }

    /// A list since 3.9; words with commas before.
    struct Tags: Decodable {
        var values: [String]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            values = try (try? container.decode([String].self)) ?? container.decode(String.self).split(separator: ",").map(String.init)
        }
    }
}
