import Supervision

struct QueueList: Decodable {
    var queues: [QueueStatus]
}
