import Foundation
import ServiceKit
import ShopContracts

/// Mails customers when their orders end.
///
/// A handler writes the mail into the outgoing table in the transaction that marks its event as handled; a worker sends what lies there. A mail
/// is marked as sent after the server took it, so a crash in between sends it again, under the same Message-ID.
struct NotificationService: Sendable {
    static let queue = "notification.orders"
    static let defaultSender = "orders@shop.signalbox.example"
    /// How long a mail in sending is left alone by the other instances: longer than the sending can take. So late, too, a mail is sent whose
    /// sender was killed.
    static let leaseSeconds = SMTPMailTransport.timeoutSeconds + 15
    /// With the growing pauses: some five hours.
    static let maximumAttempts = 64
    /// The news of a registration comes by another service's outbox, and may come after an order of that user.
    static let addressPatienceSeconds = 3
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
                user_id bigint NOT NULL,
                recipient text,
                subject text NOT NULL,
                body text NOT NULL,
                created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
                next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
                attempts integer NOT NULL DEFAULT 0,
                last_error text,
                sent_at timestamptz,
                failed_at timestamptz
            );
            CREATE INDEX mails_waiting ON mails (next_attempt_at) WHERE sent_at IS NULL AND failed_at IS NULL
            """)
    ]

    let application: ServiceApplication
    let transport: any MailTransport
    let sender: String
    let database: Database

    init(application: ServiceApplication, environment: ServiceEnvironment) throws {
        self.application = application
        database = try application.database
        let sender = environment.values["MAIL_FROM"].flatMap { $0.isEmpty ? nil : $0 } ?? Self.defaultSender
        guard EmailAddress.isValid(sender) else {
            throw MailError(message: "MAIL_FROM is \"\(sender)\", expected an address such as orders@example.com", isPermanent: true)
        }
        self.sender = sender
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
            var sent: Mail?
            do {
                while !Task.isCancelled {
                    let next = try await sendNext(after: sent)
                    sent = next.sent
                    if !next.isAny { try await Task.sleep(for: Self.pollInterval) }
                }
            } catch {
                await markSent(sent)
                throw error
            }
            await markSent(sent)
        }
    }

    private func mail<E: OrderEnd>(_ event: E.Type, _ compose: @escaping @Sendable (OrderOutcome) -> (subject: String, body: String)) {
        application.handle(event, from: Self.queue) { end, metadata, transaction in
            let order = end.outcome
            let (subject, body) = compose(order)
            try await transaction.executeWithNext(
                "INSERT INTO mails (id, user_id, recipient, subject, body) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                [metadata.id, order.userID, order.email, subject, body])
        }
    }

    /// Sends outside of any transaction: an SMTP server may take its time.
    /// One by one, so that no mail waits behind others in the hands of a sender that was killed.
    /// - Parameter before: what was sent and is not marked yet: that is done when the next one is taken, in one commit.
    /// - Returns: what was sent now; and whether there was any.
    private func sendNext(after before: Mail?) async throws -> (sent: Mail?, isAny: Bool) {
        let claimed = try await database.transaction { transaction in
            if let before {
                try await transaction.executeWithNext(Self.mark, [before.id])
            }
            // Locked rows are another instance's work.
            return try await transaction.query(
                """
                UPDATE mails AS m SET attempts = attempts + 1,
                    next_attempt_at = clock_timestamp() + make_interval(secs => \(Self.leaseSeconds)),
                    recipient = coalesce(
                        recipient, (SELECT email FROM customers AS c WHERE c.user_id = m.user_id),
                        'customer-' || user_id || '@' || $1)
                WHERE id IN (
                    SELECT id FROM mails AS w WHERE sent_at IS NULL AND failed_at IS NULL AND next_attempt_at <= clock_timestamp()
                        AND (recipient IS NOT NULL OR created_at < clock_timestamp() - make_interval(secs => \(Self.addressPatienceSeconds))
                            OR EXISTS (SELECT 1 FROM customers AS c WHERE c.user_id = w.user_id))
                    ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED)
                RETURNING id, recipient, subject, body, attempts
                """, [Mail.domain(of: sender)])
        }
        guard let row = claimed.first else { return (nil, false) }
        let mail = Mail(
            id: try row.get("id"), sender: sender, recipient: try row.get("recipient"), subject: try row.get("subject"),
            body: try row.get("body"), date: Date())
        do {
            try await transport.send(mail)
            return (mail, true)
        } catch {
            try await keep(error, of: mail, attempts: try row.get("attempts"))
            return (nil, true)
        }
    }

    private static let mark = "UPDATE mails SET sent_at = clock_timestamp(), last_error = NULL WHERE id = $1"

    /// Also when this is being stopped.
    private func markSent(_ mail: Mail?) async {
        guard let mail else { return }
        await Task {
            do {
                _ = try await database.transaction { try await $0.execute(Self.mark, [mail.id]) }
            } catch {
                application.logger.warning(
                    "a mail was sent, and may be sent once more", metadata: ["mail": "\(mail.id)", "error": "\(error)"])
            }
        }.value
    }

    private func keep(_ error: any Error, of mail: Mail, attempts: Int) async throws {
        let isLast = attempts >= Self.maximumAttempts || (error as? MailError)?.isPermanent == true
        let wait = min(Self.retrySeconds << min(attempts - 1, 10), Self.maximumRetrySeconds)
        application.logger.warning(
            isLast ? "mail not sent, given up" : "mail not sent, will try again",
            metadata: ["mail": "\(mail.id)", "error": "\(error)", "attempts": "\(attempts)"])
        _ = try await database.transaction { transaction in
            try await transaction.execute(
                """
                UPDATE mails SET last_error = $2, next_attempt_at = clock_timestamp() + make_interval(secs => $3),
                    failed_at = CASE WHEN $4 THEN clock_timestamp() END
                WHERE id = $1
                """, [mail.id, "\(error)", wait, isLast])
        }
    }
}
