enum SignalboxVersion {
    static let text = "0.1.0"
}
