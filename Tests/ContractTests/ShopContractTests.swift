import Foundation
import ServiceKit
import ShopContracts
import Testing

/// The shop's events against the record in contracts/. New ones are written with: RECORD_CONTRACTS=1 swift test --filter Contract
struct ShopContractTests {
    static let folder = ContractFolder(
        URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "../../contracts").standardized.path)

    @Test func contractsAreAsPublished() throws {
        try Self.folder.verify(
            ShopEvents.all, isRecording: ProcessInfo.processInfo.environment["RECORD_CONTRACTS"] == "1")
    }
}
