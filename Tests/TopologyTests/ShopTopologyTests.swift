import Foundation
import Testing

@testable import Topology

/// The shop's own file and its recorded contracts.
struct ShopTopologyTests {
    private static let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "../..")
        .standardized

    private static func contracts() throws -> [ContractFile] {
        let folder = root.appending(path: "contracts")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }.map { name in
            ContractFile(
                path: "contracts/\(name)", text: String(decoding: try Data(contentsOf: folder.appending(path: name)), as: UTF8.self))
        }
    }

    @Test func isRightAndNamesEveryEvent() throws {
        let files = try Self.contracts()
        let text = String(decoding: try Data(contentsOf: Self.root.appending(path: "topology.yaml")), as: UTF8.self)
        let topology = try Topology.parse(text, file: "topology.yaml") { _ in .files(files) }
        let catalogue = try ContractCatalogue(files)
        #expect(Set(topology.services.flatMap { $0.publishedEvents.values.flatMap(\.self) }) == Set(catalogue.types))
        #expect(topology.services.allSatisfy { $0.publishes.count == $0.publishedEvents.count })
        let yaml = AsyncAPIDocument(topology, contracts: catalogue).yaml()
        for type in catalogue.types { #expect(yaml.contains("  \(type).v1:")) }
    }
}
