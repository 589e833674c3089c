struct ReplayAnswer: Decodable {
    var replayed: Int
}
