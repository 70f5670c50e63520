/// The bounds of one turn of a loop, so that other work on the queue waits a moment at most.
enum Limits {
    /// Events taken from the kernel at once.
    static let eventsPerPoll = 256
    /// Times the kernel is asked again while it has more.
    static let pollsPerTurn = 4
    /// Timers fired before the queue gets its turn.
    static let timersPerTurn = 1_024
    /// Times that what waits for a loop beside its queue enters the queue, before it goes back to Dispatch.
    static let entriesPerTurn = 1_024
    /// How long it waits for the next event before it goes back, in milliseconds.
    static let lingerMilliseconds: Int32 = 2
}
