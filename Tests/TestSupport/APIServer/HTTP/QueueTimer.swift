import Dispatch

/// Calls back on a queue, until it is let go.
final class QueueTimer {
    private let source: any DispatchSourceTimer

    init(_ queue: DispatchQueue, after delay: Duration, repeating: Bool = false, _ fire: @escaping () -> Void) {
        source = DispatchSource.makeTimerSource(queue: queue)
        let nanoseconds = DispatchTimeInterval.nanoseconds(delay.nanoseconds)
        source.schedule(deadline: .now() + nanoseconds, repeating: repeating ? nanoseconds : .never)
        source.setEventHandler(handler: fire)
        source.resume()
    }

    deinit {
        source.setEventHandler(handler: nil)
        source.cancel()
    }
}

extension Duration {
    /// Whole nanoseconds.
    var nanoseconds: Int {
        let (seconds, attoseconds) = components
        return Int(clamping: seconds).multipliedReportingOverflow(by: 1_000_000_000).partialValue
            + Int(attoseconds / 1_000_000_000)
    }
}
