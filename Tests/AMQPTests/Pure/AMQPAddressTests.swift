import Testing

@testable import AMQP

struct AMQPAddressTests {
    @Test func takesEveryPartDecoded() throws {
        let address = try AMQPAddress(url: "amqp://us%40er:p%3Aa%2Fss@example.org:5673/sh%2Fop")
        #expect(address.user == "us@er")
        #expect(address.password == "p:a/ss")
        #expect(address.host == "example.org")
        #expect(address.port == 5673)
        #expect(address.virtualHost == "sh/op")
    }

    @Test(arguments: ["amqp://", "amqp://localhost", "amqp://localhost:", "AMQP://localhost:5672"])
    func fillsInWhatIsMissing(_ url: String) throws {
        let address = try AMQPAddress(url: url)
        #expect(address.host == "localhost")
        #expect(address.port == 5672)
        #expect(address.virtualHost == "/")
        #expect(address.user == "guest")
        #expect(address.password == "guest")
    }

    @Test func takesIPv6AndIgnoresTheQuery() throws {
        let address = try AMQPAddress(url: "amqp://a:b@[::1]:1234/v?heartbeat=10")
        #expect(address.host == "::1")
        #expect(address.port == 1234)
        #expect(address.virtualHost == "v")
    }

    @Test func anEmptyPathIsAnEmptyVirtualHost() throws {
        #expect(try AMQPAddress(url: "amqp://h/").virtualHost == "")
        #expect(try AMQPAddress(url: "amqp://h/%2F").virtualHost == "/")
    }

    @Test(arguments: [
        "", "http://localhost", "amqps://localhost", "amqp://h:0", "amqp://h:65536", "amqp://h:x", "amqp://::1/", "amqp://[::1",
        "amqp://h/a/b",
        "amqp://h/%", "amqp://h/%4", "amqp://h/%zz", "amqp://h/%ff", "amqp://h/%00", "amqp://[::1]x",
    ])
    func refusesWhatItDoesNotUnderstand(_ url: String) {
        let error = #expect(throws: AMQPError.self) { try AMQPAddress(url: url) }
        #expect(error?.code == .invalidURL)
    }

    @Test func keepsThePasswordOutOfTheMessage() {
        let error = #expect(throws: AMQPError.self) { try AMQPAddress(url: "amqp://user:secret@h:99999") }
        #expect(error?.message.contains("secret") == false)
    }
}
