import Testing

@testable import Topology

struct YAMLSyntaxTests {
    @Test func syntaxErrorsHaveTheirPlace() {
        expectMistake("name: n\nservices:\n\ta: b", at: 3, 1, "not valid YAML")
        expectMistake("name: n\nservices: { a: { command: a }\n", at: 3, 1, "not valid YAML", "line 2")
        expectMistake("name: n\n bad: x\nfoo", at: 2, 5, "not valid YAML")
        expectMistake("name: n\nservices: *nobody", at: 2, 11, "undefined alias")
        expectMistake("name: n\n---\nname: m", at: 2, 1, "a second YAML document")
        expectMistake("name: n\nbroker: \u{7}", at: 2, 9, "control characters")
        expectMistake("name: \"n", at: 1, 9, "not valid YAML")
    }

    @Test func deepNestingIsAMistake() {
        #expect(mistakes("name: " + String(repeating: "[", count: 100_000)).count == 1)
        #expect(mistakes(String(repeating: "- ", count: 100_000)).count == 1)
        #expect(
            mistakes("name: n\nservices: " + String(repeating: "{a: ", count: 800) + String(repeating: "}", count: 800)).isEmpty == false)
    }

    @Test func aHugeFileIsAMistake() {
        expectMistake("name: n #" + String(repeating: "x", count: 2 << 20), at: 1, 1, "longer than")
    }

    @Test func manyMistakesAreBounded() {
        let found = mistakes("name: n\n" + (0..<5000).map { "key\($0): x" }.joined(separator: "\n"))
        #expect(found.count == MistakeLog.maximumMistakes)
    }

    @Test func manyDuplicatesAreBounded() {
        #expect(mistakes("name: n\n" + (0..<500).map { "name: \($0)" }.joined(separator: "\n")).isEmpty == false)
    }

    @Test func placesCountUnicodeScalars() {
        expectMistake("name: n\n\"éü\u{1F600}\": { x: 1 }", at: 2, 1, "no key")
        expectMistake("name: n\nservices: { a: { environment: { É: x }, command: a } }", at: 2, 33, "a variable's name")
    }
}
