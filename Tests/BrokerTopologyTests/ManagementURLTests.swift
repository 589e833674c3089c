import HTTPClient
import Testing

@testable import BrokerTopology

struct ManagementURLTests {
    @Test func addresses() throws {
        #expect(try ManagementURL("http://127.0.0.1:25000").address == .tcp(host: "127.0.0.1", port: 25000))
        #expect(try ManagementURL("http://broker").address == .tcp(host: "broker", port: 15672))
        #expect(try ManagementURL("http://[::1]:1/").address == .tcp(host: "::1", port: 1))
        #expect(try ManagementURL("http://h/rabbit/").prefix == "/rabbit")
        #expect(try ManagementURL("http://h/").prefix == "")
    }

    @Test(arguments: [
        "", "h:1", "https://h", "http://", "http://h:0", "http://h:x", "http://u@h", "http://h/?a=b", "http://[::1", "http://[::1]x",
    ])
    func noAddresses(text: String) {
        #expect(throws: BrokerError.self) { try ManagementURL(text) }
    }

    @Test func besideTheBroker() {
        #expect(BrokerAdministrator.managementURL(besideBrokerURL: "amqp://u@h:5672/v") == "http://h:15672")
        #expect(BrokerAdministrator.managementURL(besideBrokerURL: "amqp://[::1]") == "http://[::1]:15672")
        #expect(BrokerAdministrator.managementURL(besideBrokerURL: "nothing") == nil)
    }

    @Test func namesAreEncoded() {
        #expect(ManagementAPI.path("queues", "/", "a b/ü?#%") == "/api/queues/%2F/a%20b%2F%C3%BC%3F%23%25")
    }
}
