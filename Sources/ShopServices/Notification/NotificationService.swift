import Foundation
import ServiceKit
import ShopContracts

/// Mails customers when their orders end.
///
/// A handler writes the mail into the outgoing table in the transaction that marks its event as handled; a worker sends what lies there. A mail
/// is marked as sent after the server took it, so a crash in between sends it again, under the same Message-ID.
struct NotificationService: Sendable {
    static let queue = "notification.orders"
    static let sender = "orders@shop.signalbox.example"
    static let batch = 20
    static let pollInterval = Duration.milliseconds(200)
    static let retrySeconds = 5
    static let maximumRetrySeconds = 300

    static let migrations = [
        Migration(
            "001_mails",
            """
            CREATE TABLE customers (
                user_id bigint PRIMARY KEY,
                email text NOT NULL,
                name text NOT NULL
            );
            CREATE TABLE mails (
                id text PRIMARY KEY,
                recipient text NOT NULL,
                subject text NOT NULL,
                body text NOT NULL,
                created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
                next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
                attempts integer NOT NULL DEFAULT 0,
                last_error text,
                sent_at timestamptz
            );
            CREATE INDEX mails_waiting ON mails (next_attempt_at) WHERE sent_at IS NULL
            """)
    ]

    let application: ServiceApplication
    let transport: any MailTransport
    let database: Database

    init(application: ServiceApplication, environment: ServiceEnvironment) throws {
        self.application = application
        database = try application.database
        if let url = environment.values["SMTP_URL"], !url.isEmpty {
            transport = try SMTPMailTransport(url: url)
        } else {
            let state = environment.stateDirectory ?? FileManager.default.currentDirectoryPath
            transport = try FolderMailTransport(folder: URL(filePath: state).appending(path: "mail"))
        }
    }

    func install() {
        application.migrate(Self.migrations)
        application.handle(UserRegistered.self, from: Self.queue) { user, _, transaction in
            try await transaction.execute(
                """
                INSERT INTO customers (user_id, email, name) VALUES ($1, $2, $3)
                ON CONFLICT (user_id) DO UPDATE SET email = EXCLUDED.email, name = EXCLUDED.name
                """, [user.userID, user.email, user.name])
        }
        mail(OrderConfirmed.self, OrderMail.confirmed)
        mail(OrderRejected.self, OrderMail.rejected)
        mail(OrderCancelled.self, OrderMail.cancelled)
        application.background("mail") {
            while !Task.isCancelled {
                if try await sendWaiting() == 0 { try await Task.sleep(for: Self.pollInterval) }
            }
        }
    }

    private func mail<E: OrderEnd>(_ event: E.Type, _ compose: @escaping @Sendable (OrderOutcome) -> (subject: String, body: String)) {
        application.handle(event, from: Self.queue) { end, metadata, transaction in
            let order = end.outcome
            let registered = try await transaction.query("SELECT email FROM customers WHERE user_id = $1", [order.userID]).first
            let recipient =
                try order.email ?? registered?.get("email", as: String.self) ?? "customer-\(order.userID)@shop.signalbox.example"
            let (subject, body) = compose(order)
            try await transaction.execute(
                "INSERT INTO mails (id, recipient, subject, body) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                [metadata.id, recipient, subject, body])
        }
    }

    /// - Returns: how many were tried.
    private func sendWaiting() async throws -> Int {
        try await database.transaction { transaction in
            // Locked rows are another instance's work.
            let waiting = try await transaction.query(
                """
                SELECT id, recipient, subject, body, attempts FROM mails WHERE sent_at IS NULL AND next_attempt_at <= clock_timestamp()
                ORDER BY next_attempt_at LIMIT \(Self.batch) FOR UPDATE SKIP LOCKED
                """)
            for row in waiting {
                let mail = Mail(
                    id: try row.get("id"), sender: Self.sender, recipient: try row.get("recipient"), subject: try row.get("subject"),
                    body: try row.get("body"), date: Date())
                do {
                    try await transport.send(mail)
                    try await transaction.execute(
                        "UPDATE mails SET sent_at = clock_timestamp(), attempts = attempts + 1 WHERE id = $1", [mail.id])
                } catch let error as PostgresError {
                    throw error
                } catch {
                    let attempts = try row.get("attempts", as: Int.self) + 1
                    let wait = min(Self.retrySeconds << min(attempts - 1, 10), Self.maximumRetrySeconds)
                    application.logger.warning(
                        "mail not sent, will try again", metadata: ["mail": "\(mail.id)", "error": "\(error)", "seconds": "\(wait)"])
                    try await transaction.execute(
                        """
                        UPDATE mails SET attempts = $2, last_error = $3, next_attempt_at = clock_timestamp() + make_interval(secs => $4)
                        WHERE id = $1
                        """, [mail.id, attempts, "\(error)", wait])
                }
            }
            return waiting.count
        }
    }
}
