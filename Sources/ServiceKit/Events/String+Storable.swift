extension String {
    /// As PostgreSQL can hold it, whose text has no NUL.
    var storable: String {
        utf8.contains(0) ? replacing("\0", with: "\u{FFFD}") : self
    }
}
