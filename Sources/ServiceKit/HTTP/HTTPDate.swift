/// The Date header (RFC 9110, 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT".
enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    static var now: String { text(of: .now) }

    /// - Parameter timestamp: since 1970.
    static func text(of timestamp: Timestamp) -> String {
        let fields = timestamp.description.split(whereSeparator: { "-T:.".contains($0) })
        let month = Int(fields[1]).map { months[($0 - 1) % months.count] } ?? months[0]
        // 1 January 1970 was a Thursday.
        let day = days[Int(max(0, timestamp.seconds) / 86_400 % 7)]
        return "\(day), \(fields[2]) \(month) \(fields[0]) \(fields[3]):\(fields[4]):\(fields[5]) GMT"
    }
}
