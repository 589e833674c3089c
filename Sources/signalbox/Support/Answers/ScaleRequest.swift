struct ScaleRequest: Encodable {
    var instances: Int
}
