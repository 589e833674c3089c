/// What a listening socket is for.
enum Listener: Sendable {
    /// The routes alone.
    case routes
    /// The gateway's own health and metrics alone.
    case health
    /// The routes, and health and metrics where no route takes their paths.
    case routesAndHealth
}
