import Foundation
import Testing

@testable import Topology

struct SchemaTests {
    private func schema() throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(TopologySchema.json().utf8)) as? [String: Any])
    }

    /// The paths of all keys below; what stands under any name is called `*`, what stands in a list `-`.
    private func keys(_ schema: [String: Any], _ path: String = "") -> Set<String> {
        var result: Set<String> = []
        for (name, value) in schema["properties"] as? [String: Any] ?? [:] {
            result.insert("\(path)/\(name)")
            result.formUnion(keys(value as? [String: Any] ?? [:], "\(path)/\(name)"))
        }
        for (part, name) in [("additionalProperties", "*"), ("items", "-")] {
            if let inner = schema[part] as? [String: Any] { result.formUnion(keys(inner, "\(path)/\(name)")) }
        }
        for inner in schema["anyOf"] as? [[String: Any]] ?? [] { result.formUnion(keys(inner, path)) }
        return result
    }

    @Test func isASchemaOfTheWholeFile() throws {
        let schema = try schema()
        #expect(schema["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
        #expect(schema["required"] as? [String] == ["name"])
        #expect(Set((schema["properties"] as? [String: Any] ?? [:]).keys) == Set(FileKey.allCases.map(\.rawValue)))
        #expect(keys(schema).isSuperset(of: ["/services/*/readiness/http", "/queues/*/bindings/-/key", "/routes/-/cache/ttl"]))
    }

    /// A value that no key takes is put at each key of the schema: the decoder must know the key and complain of the value.
    @Test func everyKeyOfTheSchemaIsReadByTheDecoder() throws {
        for path in keys(try schema()) {
            var yaml = "[[[]]]"
            for part in path.split(separator: "/").reversed() {
                yaml = part == "-" ? "[\(yaml)]" : part == "*" ? "{ x: \(yaml) }" : "{ \(part): \(yaml) }"
            }
            let found = mistakes(yaml)
            #expect(!found.contains { $0.message.contains("has no key") }, "\(path): \(found)")
            #expect(found.contains { $0.message.contains("found a list") }, "\(path) is not read: \(found)")
        }
    }

    /// The whole file has every key that the schema has.
    @Test func theSampleHasEveryKey() throws {
        for path in keys(try schema()) {
            let name = try #require(path.split(separator: "/").last)
            if name == "management_url" { continue }
            #expect(wholeFile.contains("\(name):"), "\(path)")
        }
    }
}
