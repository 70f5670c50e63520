import CLinux
public import Dispatch

/// Descriptors and timers of one serial queue, for whoever waits for other machines: upstreams, connections.
///
/// Dispatch watches one epoll instance and never the descriptors themselves: that is cheaper by several system calls
/// a descriptor, and libdispatch may crash on hang-ups (swift-corelibs-libdispatch, issue 949), which an epoll instance
/// never has.
public final class EventLoop: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: mutable state is touched on `queue` only, `events` where the loop is waited for.
    /// Everything happens here, and every method but `init` and `close` is called here.
    public let queue: DispatchQueue
    let descriptor: Int32
    private let source: any DispatchSourceRead
    /// Room for what `epoll_wait` tells; where there is an entrance, of the queue that waits.
    let events: UnsafeMutablePointer<epoll_event>
    private var watches: [Watch?] = []
    private var freeWatches: [Int] = []
    private var timers: TimerHeap
    private let alarm: any DispatchSourceTimer
    /// For when the alarm is set; never if it is not.
    private var alarmTime = UInt64.max
    /// Whether nothing is called back any more.
    public private(set) var isClosed = false
    /// Called when Dispatch found something ready, or due and handled; in place of `poll`, which it calls as it likes.
    public var onWake: (() -> Void)?

    /// A watched descriptor; the generation tells a late event of an earlier one apart.
    private struct Watch {
        let handler: any EventHandler
        let generation: UInt32
    }

    private var generation: UInt32 = 0

    /// A loop whose queue waits for it; nil where there is no descriptor left.
    public convenience init?(queue: DispatchQueue) { self.init(queue: queue, waitingQueue: queue, entrance: nil) }

    /// A loop whose queue is entered by other threads too; nil where there is no descriptor left.
    public convenience init?(_ entrance: any LoopEntrance) {
        let waitingQueue = DispatchQueue(label: "\(entrance.queue.label).waiting")
        self.init(queue: entrance.queue, waitingQueue: waitingQueue, entrance: entrance)
    }

    private init?(queue: DispatchQueue, waitingQueue: DispatchQueue, entrance: (any LoopEntrance)?) {
        let poller = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard poller >= 0 else { return nil }
        self.queue = queue
        descriptor = poller
        events = .allocate(capacity: Limits.eventsPerPoll)
        timers = TimerHeap()
        source = DispatchSource.makeReadSource(fileDescriptor: poller, queue: waitingQueue)
        alarm = DispatchSource.makeTimerSource(queue: waitingQueue)
        source.setCancelHandler { _ = CLinux.close(poller) }
        // Held meanwhile: the last who keeps the loop may let it go when called back.
        source.setEventHandler { [weak self] in
            guard let self else { return }
            if let entrance { return linger(entrance) }
            if let onWake { onWake() } else { poll() }
        }
        alarm.setEventHandler { [weak self] in
            guard let self else { return }
            if let entrance { return entrance.enter { self.wake() } }
            fireTimers()
            onWake?()
        }
        alarm.schedule(deadline: .distantFuture)
        source.activate()
        alarm.activate()
    }

    deinit {
        if !isClosed {
            source.cancel()
            alarm.cancel()
        }
        events.deallocate()
    }

    /// Lets go of every handler and timer; nothing is called back any more. On the queue.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        onWake = nil
        // Handlers that go now may call back, to take back what they still have here.
        let released = (watches, timers)
        (watches, freeWatches, timers) = ([], [], TimerHeap())
        withExtendedLifetime(released) {}
        source.cancel()
        alarm.cancel()
    }

    /// Descriptors that are watched.
    public var watchCount: Int { watches.count - freeWatches.count }

    // MARK: Descriptors

    /// Calls the handler when the descriptor is ready for `interest`, as long as it is (level-triggered), until
    /// `unwatch`; the handler is kept that long. Nil, and the reason in `errno`, where the kernel refuses.
    public func watch(_ descriptor: Int32, for interest: Readiness, _ handler: any EventHandler) -> WatchToken? {
        guard !isClosed else { return nil }
        generation &+= 1
        let index = freeWatches.popLast() ?? watches.count
        let token = WatchToken(index: index, generation: generation, descriptor: descriptor)
        if index == watches.count { watches.append(nil) }
        guard control(EPOLL_CTL_ADD, token, interest) else {
            freeWatches.append(index)
            return nil
        }
        watches[index] = Watch(handler: handler, generation: generation)
        return token
    }

    /// Waits for something else on the same descriptor.
    public func change(_ token: WatchToken, to interest: Readiness) {
        guard isCurrent(token) else { return }
        _ = control(EPOLL_CTL_MOD, token, interest)
    }

    /// Before the descriptor is closed. The handler hears nothing any more, also of what was found already.
    public func unwatch(_ token: WatchToken) {
        guard isCurrent(token) else { return }
        epoll_ctl(descriptor, EPOLL_CTL_DEL, token.descriptor, nil)
        watches[token.index] = nil
        freeWatches.append(token.index)
    }

    private func isCurrent(_ token: WatchToken) -> Bool {
        token.index < watches.count && watches[token.index]?.generation == token.generation
    }

    private func control(_ verb: Int32, _ token: WatchToken, _ interest: Readiness) -> Bool {
        var event = epoll_event()
        event.events = interest.rawValue
        event.data.u64 = UInt64(token.generation) << 32 | UInt64(token.index)
        return epoll_ctl(descriptor, verb, token.descriptor, &event) == 0
    }

    /// Waits for a moment, and handles what is ready and what is due. False if there was nothing.
    public func poll(waitingMilliseconds milliseconds: Int32) -> Bool {
        guard !isClosed else { return false }
        let count = Int(epoll_wait(descriptor, events, Int32(Limits.eventsPerPoll), milliseconds))
        return handle(count) || count > 0
    }

    /// Handles events that were found, and what is due; tells whether anything was.
    @discardableResult
    func handle(_ count: Int) -> Bool {
        for index in 0..<max(count, 0) { deliver(events[index]) }
        guard let next = timers.earliest, next <= EventLoop.now else { return false }
        fireTimers()
        return true
    }

    /// Handles what is ready, without waiting.
    public func poll() {
        guard !isClosed else { return }
        for _ in 0..<Limits.pollsPerTurn {
            let count = Int(epoll_wait(descriptor, events, Int32(Limits.eventsPerPoll), 0))
            for index in 0..<max(count, 0) { deliver(events[index]) }
            if count < Limits.eventsPerPoll { return }
        }
    }

    private func deliver(_ event: epoll_event) {
        let index = Int(event.data.u64 & 0xFFFF_FFFF)
        let generation = UInt32(event.data.u64 >> 32)
        guard index < watches.count, let watch = watches[index], watch.generation == generation else { return }
        watch.handler.onReady(Readiness(rawValue: event.events))
    }

    // MARK: Timers

    /// Monotonic time, in nanoseconds.
    public static var now: UInt64 { clinux_monotonic_nanoseconds() }

    /// Calls back once, at a monotonic time in nanoseconds or a little later. The handler is kept until then, or until
    /// `cancel`.
    @discardableResult
    public func schedule(at time: UInt64, _ handler: any TimerHandler) -> TimerToken {
        guard !isClosed else { return .none }
        let token = timers.insert(time, handler)
        setAlarm()
        return token
    }

    /// The same after a time in nanoseconds.
    @discardableResult
    public func schedule(after delay: UInt64, _ handler: any TimerHandler) -> TimerToken {
        schedule(at: EventLoop.now &+ delay, handler)
    }

    /// Takes a timer back; one that fired already is no mistake.
    public func cancel(_ token: TimerToken) { timers.remove(token) }

    func fireTimers() {
        alarmTime = .max
        let now = EventLoop.now
        for _ in 0..<Limits.timersPerTurn {
            guard !isClosed, let (handler, token) = timers.popDue(now) else { break }
            handler.onTimer(token)
        }
        setAlarm()
    }

    /// An alarm that is early enough stays: most timers are taken back before they fire.
    private func setAlarm() {
        guard !isClosed, let next = timers.earliest, next < alarmTime else { return }
        alarmTime = next
        alarm.schedule(deadline: DispatchTime(uptimeNanoseconds: max(next, 1)))
    }
}

/// Hears of a descriptor that is ready. On the loop's queue.
public protocol EventHandler: AnyObject {
    /// May watch and unwatch anything.
    func onReady(_ readiness: Readiness)
}

/// Hears of a timer. On the loop's queue.
public protocol TimerHandler: AnyObject {
    /// The time has come; the token is the one that `schedule` gave.
    func onTimer(_ token: TimerToken)
}

/// What a descriptor is waited for, or ready for: the bits of epoll.
public struct Readiness: OptionSet, Sendable {
    /// Bits of `epoll_event.events`.
    public let rawValue: UInt32

    /// Bits of `epoll_event.events`.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// There is something to read, or the end.
    public static let reading = Readiness(rawValue: EPOLLIN.rawValue | EPOLLRDHUP.rawValue)
    /// There is room to write.
    public static let writing = Readiness(rawValue: EPOLLOUT.rawValue)
    /// An error or a hang-up; told without being asked for.
    public static let broken = Readiness(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
}

/// A descriptor that is watched.
public struct WatchToken: Sendable {
    let index: Int
    let generation: UInt32
    let descriptor: Int32
}

/// A timer that has not fired, or has.
public struct TimerToken: Hashable, Sendable {
    /// One that never fires.
    static let none = TimerToken(index: -1, generation: 0)

    let index: Int
    let generation: UInt32
}
