import Hummingbird
import Logging
import NIOCore

/// What the admin endpoint knows about one request besides its head and body.
struct AdminRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel
    /// Who asked, for the record of a transition. Set once access has been granted.
    var actor = "nobody"

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}
