/// To whom the events of a link go, on its thread.
protocol LinkOwner: AnyObject {
    func linkOpened(_ link: Link)
    /// Nothing comes of this link any more.
    func linkFailed(_ link: Link, _ error: AMQPError)
    func linkBlocked(_ link: Link, reason: String)
    func linkUnblocked(_ link: Link)
    /// There was no room for more output, and there is again.
    func linkHasRoom(_ link: Link)
}
