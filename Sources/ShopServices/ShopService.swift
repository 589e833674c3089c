public import ServiceKit

/// The services of the reference shop, by the name of their subcommand.
public enum ShopService: String, CaseIterable, Sendable {
    case order, inventory, payment, notification, users, analytics, files

    /// What `shop --help` says of it.
    public var summary: String {
        switch self {
        case .order: "takes orders over HTTP and follows each to its end"
        case .inventory: "keeps the stock: reserves, sells, releases"
        case .payment: "charges what was reserved, by the built-in payment provider"
        case .notification: "mails customers when their orders end"
        case .users: "registers users, logs them in, signs their tokens"
        case .analytics: "counts orders, revenue and rejections from the events"
        case .files: "answers requests over the bus for folders and CSV files"
        }
    }

    /// Runs the service until it is told to stop.
    public func run(environment: ServiceEnvironment) async throws {
        let application = try ServiceApplication(environment: environment)
        switch self {
        case .order: try OrderService(application: application).install()
        case .inventory: try InventoryService(application: application).install()
        case .payment: PaymentService(application: application, provider: BuiltInPaymentProvider()).install()
        case .notification: try NotificationService(application: application, environment: environment).install()
        case .users: try UsersService(application: application).install()
        case .analytics: try AnalyticsService(application: application).install()
        case .files: try FilesService(application: application, environment: environment).install()
        }
        try await application.run()
    }
}
