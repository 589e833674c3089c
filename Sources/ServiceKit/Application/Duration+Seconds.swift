extension Duration {
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }

    /// Between half and the whole of it, so that those who failed together do not come back together.
    var jittered: Duration {
        self * Double.random(in: 0.5...1)
    }
}
