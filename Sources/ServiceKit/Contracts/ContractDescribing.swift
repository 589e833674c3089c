/// A type whose JSON cannot be found out by decoding it: an enum with associated values, or one that takes particular texts only.
///
///     extension Weekday: ContractDescribing {
///         static let contractSchema = ContractSchema.choice(["mon", "tue"])
///         static let contractSample = Weekday.monday
///     }
///
/// Enums with raw values need no more than `CaseIterable`.
public protocol ContractDescribing: Decodable {
    static var contractSchema: ContractSchema { get }
    /// Any value of it.
    static var contractSample: Self { get }
}
