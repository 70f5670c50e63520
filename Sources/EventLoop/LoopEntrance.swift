import CLinux
public import Dispatch

/// The way onto a loop's queue where the threads of others do its work too, so that nobody may wait for descriptors
/// there: a queue of the loop's own does.
public protocol LoopEntrance: AnyObject, Sendable {
    /// The loop's queue.
    var queue: DispatchQueue { get }
    /// Does some work on the queue, and returns when it is done.
    func enter(_ work: () -> Void)
}

extension EventLoop {
    /// Enters with what is ready, and waits for more for a moment: a Dispatch event costs seven system calls and a
    /// thread hop. On the waiting queue.
    func linger(_ entrance: any LoopEntrance) {
        var isOver = false
        for _ in 0..<Limits.entriesPerTurn where !isOver {
            let count = Int(epoll_wait(descriptor, events, Int32(Limits.eventsPerPoll), Limits.lingerMilliseconds))
            guard count > 0 else { return }
            entrance.enter {
                isOver = isClosed
                if !isOver { handle(count) }
            }
        }
    }

    /// What is there comes before what is late: after a standstill of the machine both are found at once. Called by
    /// the waiting queue.
    func wake() {
        poll()
        fireTimers()
    }
}
