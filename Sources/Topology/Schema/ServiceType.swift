/// What `type` may say. A schedule makes a type of its own.
enum ServiceType: String, CaseIterable {
    case service
    case oneShot = "one-shot"
}
