import HTTPTypes
import Hummingbird

/// One page, without anything from elsewhere. It holds no secret: it asks for the token and shows it to the API alone.
enum DashboardEndpoint {
    static func endpoint() -> Endpoint {
        Endpoint(
            method: .get, path: "/", summary: "The dashboard", isPublic: true,
            answers: [.init(status: .ok, description: "A page for browsers.", content: ["text/html": ["type": "string"]])]
        ) { _, _ in
            let nonce = nonce()
            var response = Response(text: DashboardPage.html(nonce: nonce).utf8, contentType: "text/html; charset=utf-8")
            // Only the page's own script and style run, whatever text of a service may find its way into the page.
            response.headers[.contentSecurityPolicy] =
                "default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; connect-src 'self'; img-src data:; "
                + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            return response
        }
    }

    private static func nonce() -> String {
        var generator = SystemRandomNumberGenerator()
        return String(generator.next() as UInt64, radix: 36) + String(generator.next() as UInt64, radix: 36)
    }
}
