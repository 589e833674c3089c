internal import Synchronization

/// Random bits for identifiers, not for secrets: the system's generator costs a system call each. SplitMix64 (Steele, Lea and Flood, OOPSLA
/// 2014) on a state that all threads advance without a lock.
enum RandomBits {
    private static let state = Atomic(UInt64.random(in: .min ... .max))

    static func next() -> UInt64 {
        var value = state.wrappingAdd(0x9e37_79b9_7f4a_7c15, ordering: .relaxed).newValue
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }

    static func nextNonZero() -> UInt64 { max(1, next()) }
}
