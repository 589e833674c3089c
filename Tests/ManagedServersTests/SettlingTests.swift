import Foundation
import TestSupport
import Testing

@testable import ManagedServers

/// The files that RabbitMQ writes, made up.
struct SettlingTests {
    @Test func aNewRaftServerHasToBeInTheTable() throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let quorum = "\(folder)/mnesia/\(ManagedRabbitMQ.nodeName)/quorum/\(ManagedRabbitMQ.nodeName)"
        #expect(ManagedRabbitMQ.hasSettled(directory: folder), "a broker that never had one")
        func write(_ text: String, to path: String) throws {
            try FileManager.default.createDirectory(
                atPath: URL(filePath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(filePath: path))
        }
        try write("config", to: "\(quorum)/SHOP_ORDERS1ABC/config")
        #expect(!ManagedRabbitMQ.hasSettled(directory: folder))
        try write("\u{1}shop_ordersm\u{0}SHOP_ORDERS1AB", to: "\(quorum)/names.dets")
        #expect(!ManagedRabbitMQ.hasSettled(directory: folder))
        try write("\u{1}shop_ordersm\u{0}SHOP_ORDERS1ABC\u{2}", to: "\(quorum)/names.dets")
        #expect(ManagedRabbitMQ.hasSettled(directory: folder))
        // One that was left behind by a crash long ago.
        try write("config", to: "\(quorum)/SHOP_LOST/config")
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -3600)], ofItemAtPath: "\(quorum)/SHOP_LOST/config")
        #expect(ManagedRabbitMQ.hasSettled(directory: folder))
    }
}
