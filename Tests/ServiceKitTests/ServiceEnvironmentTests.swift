import ServiceKit
import Testing

struct ServiceEnvironmentTests {
    @Test func readsWhatTheSupervisorHands() throws {
        let environment = try ServiceEnvironment([
            "SIGNALBOX_SERVICE": "payment", "SIGNALBOX_INSTANCE": "2", "PORT": "20123", "AMQP_URL": "amqp://a:b@127.0.0.1:5672/shop",
            "DATABASE_URL": "postgres://a:b@127.0.0.1/shop", "REDIS_URL": "", "SIGNALBOX_EVENTS_EXCHANGE": "shop.events",
            "SIGNALBOX_CACHE_EVENTS": "inventory.updated, product.changed ,",
            "SIGNALBOX_QUEUES":
                #"{"payment.orders": {"prefetch": 64, "immediate": 1, "delays": [1.0, 0.5], "retry_exchange": "payment.retry"}, "plain": {}}"#,
            "OWN": "value",
        ])
        #expect(environment.service == "payment")
        #expect(environment.instance == 2)
        #expect(environment.port == 20123)
        #expect(environment.redisURL == nil)
        #expect(environment.cacheEvents == ["inventory.updated", "product.changed"])
        #expect(
            environment.queues?["payment.orders"]
                == QueueSettings(prefetch: 64, immediate: 1, delays: [.seconds(1), .milliseconds(500)], retryExchange: "payment.retry"))
        #expect(environment.queues?["plain"] == QueueSettings())
        #expect(environment.values["OWN"] == "value")
    }

    @Test func needsNoMoreThanAName() throws {
        let environment = try ServiceEnvironment(["SIGNALBOX_SERVICE": "files"])
        #expect(environment.instance == 1)
        #expect(environment.port == 0)
        #expect(environment.queues == nil)
        #expect(environment.eventsExchange == nil)
    }

    @Test(
        arguments: [
            ([:], "SIGNALBOX_SERVICE is not set"),
            (["SIGNALBOX_SERVICE": "a", "PORT": "http"], "PORT is 'http'; expected a whole number from 0 to 65535"),
            (["SIGNALBOX_SERVICE": "a", "SIGNALBOX_INSTANCE": "0"], "SIGNALBOX_INSTANCE is '0'"),
            (["SIGNALBOX_SERVICE": "a", "SIGNALBOX_QUEUES": "[]"], "SIGNALBOX_QUEUES cannot be understood"),
            (["SIGNALBOX_SERVICE": "a", "SIGNALBOX_QUEUES": #"{"q": {"prefetch": 0}}"#], "queue 'q': expected a prefetch from 1"),
            (["SIGNALBOX_SERVICE": "a", "SIGNALBOX_QUEUES": #"{"q": {"delays": [-1]}}"#], "delays over 0"),
        ] as [([String: String], String)])
    func saysWhatIsWrong(values: [String: String], message: String) {
        do {
            _ = try ServiceEnvironment(values)
            Issue.record("accepted")
        } catch {
            #expect(error.code == .invalidEnvironment)
            #expect(error.message.contains(message), "\(error.message)")
        }
    }
}
