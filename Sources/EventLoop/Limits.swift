/// The bounds of one turn of a loop, so that other work on the queue waits a moment at most.
enum Limits {
    /// Events taken from the kernel at once.
    static let eventsPerPoll = 256
    /// Times the kernel is asked again while it has more.
    static let pollsPerTurn = 4
    /// Timers fired before the queue gets its turn.
    static let timersPerTurn = 1_024
}
