/// Where in the state a process has its place.
struct Position: Equatable {
    enum Seat {
        case main
        /// Beside the main process, while one replaces the other.
        case companion
    }

    var service: Int
    var instance: Int
    var seat: Seat

    init(_ service: Int, _ instance: Int, _ seat: Seat = .main) {
        self.service = service
        self.instance = instance
        self.seat = seat
    }
}
