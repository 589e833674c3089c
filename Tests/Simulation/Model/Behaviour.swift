/// How the processes of a declaration behave.
enum Behaviour: CaseIterable {
    case good
    /// It runs, and never takes work.
    case neverReady
    /// It ends soon after its start.
    case crashes
    /// The keeper cannot start it.
    case cannotStart
}
