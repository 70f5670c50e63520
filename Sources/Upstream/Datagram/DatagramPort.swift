import CLinux
import DNSMessage
import EventLoop
import Glibc
import Sockets

/// Room for one query over UDP: its socket, its bytes and who waits for the reply. Used again and again.
final class DatagramPort {
    let index: Int
    private let numbers: ExchangeNumbers
    private var uses: UInt64 = 0
    private(set) var token: ExchangeToken
    /// The client while a query is under way, which so lives as long as that.
    private var client: DatagramClient?
    private var handler: (any ExchangeHandler)?
    private(set) var deadline: UInt64 = 0
    private var sentTime: UInt64 = 0
    private var truncation = UpstreamQuery.Truncation.askAgain
    /// A reply with TC, for when there is none over TCP; empty for none.
    private var truncated: [UInt8] = []
    private var truncatedRoundTrip: UInt64 = 0
    /// Packets that were not the reply.
    private(set) var mismatches = 0
    /// The same query over TCP.
    var streamToken: ExchangeToken?

    // Links of `DeadlineList`.
    var earlier = DeadlineList.none
    var later = DeadlineList.none
    var isListed = false

    private var descriptor: Int32 = -1
    private var watch: WatchToken?
    private var isConnected = false

    /// The name as it was asked for, then the query as it is sent.
    private var memory: UnsafeMutableRawPointer
    private var capacity = Limits.usualQueryLength
    private var queryLength = 0
    private var question: QuestionSection?
    private static let nameRoom = 256

    init(index: Int, _ numbers: ExchangeNumbers) {
        self.index = index
        self.numbers = numbers
        token = numbers.token(UInt64(index))
        memory = .allocate(byteCount: Self.nameRoom + Limits.usualQueryLength, alignment: 8)
    }

    deinit { memory.deallocate() }

    // MARK: Numbers

    /// Bits of a token's number below those that count the uses.
    private static let indexBits: UInt64 = 12
    /// Marks exchanges that never got a port.
    static let lateMark: UInt64 = 1 << 39

    static func index(_ local: UInt64) -> Int { Int(local & (1 << indexBits - 1)) }

    private func renewToken() {
        uses = (uses &+ 1) & (Self.lateMark >> Self.indexBits - 1)
        token = numbers.token(uses << Self.indexBits | UInt64(index))
    }

    // MARK: Query

    private var spelledName: UnsafeMutableRawPointer { memory }
    private var sent: UnsafeMutableRawPointer { memory + Self.nameRoom }

    var query: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: sent, count: queryLength) }

    /// Copies a query, with an id of its own, and mixes the case of its name.
    func load(
        _ message: UnsafeRawBufferPointer, _ question: QuestionSection, _ random: RandomBytes, mixesCase: Bool
    ) {
        if message.count > capacity {
            memory.deallocate()
            memory = .allocate(byteCount: Self.nameRoom + message.count, alignment: 8)
            capacity = message.count
        }
        self.question = question
        queryLength = message.count
        guard let base = message.baseAddress else { return }
        sent.copyMemory(from: base, byteCount: message.count)
        spelledName.copyMemory(from: base + QuestionSection.start, byteCount: question.nameLength)
        sent.storeBigEndian(random.nextID(), at: 0)
        if mixesCase { question.mixCase(sent, random) }
    }

    /// Writes the name as it was asked for.
    func restoreQuery() {
        guard let question else { return }
        (sent + QuestionSection.start).copyMemory(from: spelledName, byteCount: question.nameLength)
    }

    /// Sends the query from a new port; tells why not.
    func send(_ client: DatagramClient) -> ExchangeFailure? {
        if descriptor < 0, let failure = open(client) { return failure }
        do throws(SystemError) {
            try Syscall.connect(descriptor, to: client.peer)
        } catch { return DatagramPort.failure(error.code) }
        isConnected = true
        var transfer = Syscall.send(descriptor, query)
        // An error of the query before is told once.
        if case .failed(let error) = transfer, error.code == ECONNREFUSED {
            transfer = Syscall.send(descriptor, query)
        }
        return switch transfer {
        case .done(let count): count == queryLength ? nil : DatagramPort.failure(EMSGSIZE)
        case .wouldBlock: .saturated
        case .failed(let error): DatagramPort.failure(error.code)
        }
    }

    private func open(_ client: DatagramClient) -> ExchangeFailure? {
        do throws(SystemError) {
            descriptor = try Syscall.open(SOCK_DGRAM, to: client.peer, from: client.source)
        } catch { return DatagramPort.failure(error.code) }
        watch = client.loop.watch(descriptor, for: .reading, self)
        if watch != nil { return nil }
        closeSocket(client.loop)
        return .saturated
    }

    private static func failure(_ code: Int32) -> ExchangeFailure {
        switch code {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM, EAGAIN, EADDRINUSE: .saturated
        default: .unreachable(code)
        }
    }

    // MARK: Exchange

    var isBusy: Bool { handler != nil }

    func begin(
        _ client: DatagramClient, _ handler: any ExchangeHandler, deadline: UInt64, now: UInt64,
        _ truncation: UpstreamQuery.Truncation
    ) {
        renewToken()
        self.client = client
        self.handler = handler
        self.deadline = deadline
        self.truncation = truncation
        sentTime = now
        mismatches = 0
    }

    /// Forgets the exchange; tells who waited for it.
    func finish() -> (any ExchangeHandler)? {
        defer { (client, handler, streamToken) = (nil, nil, nil) }
        if !truncated.isEmpty { truncated = [] }
        return handler
    }

    /// The reply that did not fit, if it is to be passed on.
    func takeTruncated() -> (reply: [UInt8], roundTrip: UInt64)? {
        guard !truncated.isEmpty else { return nil }
        defer { truncated = [] }
        return (truncated, truncatedRoundTrip)
    }

    // MARK: Socket

    var hasSocket: Bool { descriptor >= 0 }

    /// Where the query was sent from.
    var localAddress: SocketAddress? { descriptor >= 0 && isConnected ? Syscall.localAddress(descriptor) : nil }

    /// Gives the port back, so that nothing that comes late finds it.
    func disconnect() -> Bool {
        guard isConnected, descriptor >= 0 else { return true }
        isConnected = false
        return Syscall.disconnect(descriptor)
    }

    func closeSocket(_ loop: EventLoop) {
        guard descriptor >= 0 else { return }
        if let watch { loop.unwatch(watch) }
        Syscall.close(descriptor)
        (descriptor, watch, isConnected) = (-1, nil, false)
    }
}

extension DatagramPort: EventHandler {
    func onReady(_ readiness: Readiness) {
        guard let client, isConnected else { return drain() }
        for _ in 0..<Limits.packetsPerTurn {
            switch Syscall.receive(descriptor, into: client.buffer) {
            case .wouldBlock: return
            case .failed(let error): return client.fail(self, .unreachable(error.code))
            case .done(let count):
                let packet = UnsafeMutableRawBufferPointer(rebasing: client.buffer[..<count])
                guard take(packet, client) == .waits else { return }
            }
        }
    }

    /// What came between two queries; nobody waits for it.
    private func drain() {
        var byte: UInt8 = 0
        for _ in 0..<Limits.packetsPerTurn where descriptor >= 0 {
            let transfer = withUnsafeMutableBytes(of: &byte) { Syscall.receive(descriptor, into: $0) }
            guard case .done = transfer else { return }
        }
    }

    /// TC in the third byte of a header.
    private static let truncatedBit: UInt8 = 0x02

    private enum Progress { case waits, over }

    private func take(_ packet: UnsafeMutableRawBufferPointer, _ client: DatagramClient) -> Progress {
        guard let question else { return .over }
        switch question.match(UnsafeRawBufferPointer(packet), query: sent) {
        case .reply:
            if !client.hasProvenCase, question.hasUpperCase(sent) { client.noteRightCase() }
            let isTruncated = packet[2] & DatagramPort.truncatedBit != 0
            guard isTruncated, truncation != .take else {
                deliver(packet, question, client)
                return .over
            }
            if truncation == .askAgainOrTake { keep(packet, question) }
        case .bareRefusal:
            let whole = question.completed(UnsafeRawBufferPointer(packet), spelled: spelledName, sent: sent)
            whole.withUnsafeBytes { finish(with: $0, client) }
            return .over
        case .otherCase:
            mismatches += 1
            guard client.noteOtherCase() || mismatches >= Limits.mismatchesMax else { return .waits }
        case .none:
            mismatches += 1
            // Somebody guesses. Over TCP there is nothing to guess.
            guard mismatches >= Limits.mismatchesMax else { return .waits }
        }
        client.askOverStream(self)
        return .over
    }

    private func keep(_ packet: UnsafeMutableRawBufferPointer, _ question: QuestionSection) {
        question.restore(packet, spelled: spelledName, sent: sent)
        truncated = Array(packet)
        truncatedRoundTrip = EventLoop.now &- sentTime
    }

    private func deliver(
        _ packet: UnsafeMutableRawBufferPointer, _ question: QuestionSection, _ client: DatagramClient
    ) {
        question.restore(packet, spelled: spelledName, sent: sent)
        finish(with: UnsafeRawBufferPointer(packet), client)
    }

    private func finish(with reply: UnsafeRawBufferPointer, _ client: DatagramClient) {
        let (own, roundTrip) = (token, EventLoop.now &- sentTime)
        client.end(self)?.onReply(own, reply, .udp, roundTrip: roundTrip)
    }
}
