import HTTPTypes
import Hummingbird

/// Lets a request through when its sender may ask; else answers why not.
struct AccessMiddleware: RouterMiddleware {
    typealias Context = AdminRequestContext

    let access: Access
    let catalogue: EndpointCatalogue

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        switch access {
        case .token(let token):
            try checkHost(of: request)
            if !catalogue.isPublic(path: request.uri.path) { try check(token, against: request) }
            context.actor = "admin token"
        case .peer(let allowedUser):
            guard let peer = await PeerCredentials.of(context.channel), peer.user == allowedUser || peer.user == 0 else {
                throw Problem(
                    .forbidden, "Only the user that runs Signalbox, and root, may use its socket.",
                    hint: "Run the command as that user (or with sudo), or ask over TCP with the admin token.")
            }
            context.actor = "uid \(peer.user), pid \(peer.process)"
        }
        return try await next(request, context)
    }

    private func checkHost(of request: Request) throws(Problem) {
        // A page from elsewhere whose name was made to resolve to 127.0.0.1 sends its own name.
        guard let authority = request.head.authority, LoopbackAddress.containsAuthority(authority) else {
            throw Problem(
                .misdirectedRequest, "The Host header must name this machine: localhost, 127.0.0.1 or [::1].",
                hint: "Ask for http://localhost with the admin port, or tunnel with: ssh -L 9900:127.0.0.1:9900 this-host")
        }
    }

    private func check(_ token: AdminToken, against request: Request) throws(Problem) {
        let hint = "Send the header Authorization: Bearer $(cat .signalbox/admin.token), with the state directory's own token."
        guard let credentials = request.headers[.authorization] else {
            throw Problem(.unauthorized, "This call needs the admin token.", hint: hint, challenge: "Bearer realm=\"signalbox\"")
        }
        let parts = credentials.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer", token.matches(parts[1]) else {
            throw Problem(
                .unauthorized, "The token is not this Signalbox's admin token.", hint: hint,
                challenge: "Bearer realm=\"signalbox\", error=\"invalid_token\"")
        }
    }
}
