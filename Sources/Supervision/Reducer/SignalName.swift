/// The names by which a topology and a person speak of signals, with Linux's numbers for them.
package enum SignalName {
    private static let numbers: [String: Int32] = [
        "HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "ABRT": 6, "BUS": 7, "FPE": 8, "KILL": 9, "USR1": 10, "SEGV": 11, "USR2": 12, "PIPE": 13,
        "ALRM": 14, "TERM": 15,
    ]

    package static func number(of name: String) -> Int32? { numbers[name] }

    package static func of(_ number: Int32) -> String? { numbers.first { $0.value == number }?.key }
}
