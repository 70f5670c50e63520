import CLinux
public import DNSMessage
import Dispatch
import Glibc
import Locking
import Sockets

/// A DNS server that does what a test tells it: over UDP and TCP, or over TLS, on one port of 127.0.0.1. Ends when it
/// is let go.
public final class ScriptedUpstream: Sendable {
    /// What it does about a message, in order.
    public enum Step: Sendable {
        /// Sends a message back; over a stream with its length.
        case reply([UInt8])
        /// Sends a message from another port; over UDP only.
        case replyFromElsewhere([UInt8])
        /// Sends bytes as they are; over a stream only.
        case raw([UInt8])
        /// Waits.
        case pause(milliseconds: Int)
        /// Closes the connection.
        case close
    }

    /// How a message came.
    public enum Transport: Sendable { case udp, tcp, tls }

    /// A message that came.
    public struct Heard: Sendable {
        /// The message.
        public let message: [UInt8]
        /// How it came.
        public let transport: Transport
        /// Where it came from.
        public let source: SocketAddress
        /// Counts the connections from 1; 0 over UDP.
        public let connection: Int
    }

    /// Where it listens.
    public let address: SocketAddress
    private let state: ScriptedState

    /// Starts one; with `tls` it speaks that on its TCP port.
    public init(tls: TLSAcceptor? = nil, _ script: @escaping @Sendable (Heard) -> [Step]) throws {
        let port = FreePorts.take()
        address = .loopback(port)
        state = ScriptedState(script, tls)
        let datagrams = try ScriptedUpstream.open(SOCK_DGRAM, address)
        let listener = try ScriptedUpstream.open(SOCK_STREAM, address)
        guard listen(listener, 64) == 0 else { throw ClientError("listen") }
        DispatchQueue(label: "test.upstream.udp").async { [state] in state.serveDatagrams(datagrams) }
        DispatchQueue(label: "test.upstream.tcp").async { [state] in state.serveConnections(listener) }
    }

    deinit { state.stop() }

    /// Everything that came so far.
    public var heard: [Heard] { state.heard }
    /// Connections so far.
    public var connectionCount: Int { state.connectionCount }

    static func open(_ kind: __socket_type, _ address: SocketAddress) throws -> Int32 {
        let descriptor = try Syscall.open(kind, address.address.family, waits: true)
        try Syscall.setOption(descriptor, SOL_SOCKET, SO_REUSEADDR)
        ScriptedState.limitWaiting(descriptor)
        try ClientError.naming("bind \(address)") { () throws(SystemError) in
            try Syscall.bind(descriptor, to: address)
        }
        return descriptor
    }
}

extension ScriptedUpstream.Heard {
    /// Where the question section ends.
    private var questionEnd: Int {
        var position = Header.length
        while message[position] != 0 { position += 1 + Int(message[position]) }
        return position + 5
    }

    /// The question as it came.
    public var question: [UInt8] { Array(message[Header.length..<questionEnd]) }

    /// A reply with so many A records, whose owner is the question's name.
    public func answer(
        _ address: UInt32 = 0xC000_0201, count: Int = 1, truncated: Bool = false, code: UInt8 = 0, id: UInt16? = nil,
        question other: [UInt8]? = nil
    ) -> [UInt8] {
        let id = id.map { [UInt8($0 >> 8), UInt8($0 & 255)] } ?? Array(message[0..<2])
        let counts = [0, 1, UInt8(count >> 8), UInt8(count & 255), 0, 0, 0, 0]
        var reply = id + [truncated ? 0x83 : 0x81, 0x80 | code] + counts + (other ?? question)
        for index in 0..<count {
            let value = address &+ UInt32(index)
            reply += [0xC0, 0x0C, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4]
            reply += (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32($0))) }
        }
        return reply
    }
}

/// What the queues of a scripted upstream share.
final class ScriptedState: Sendable {
    private struct Record: Sendable {
        var heard: [ScriptedUpstream.Heard] = []
        var connectionCount = 0
        var hasEnded = false
    }

    private let script: @Sendable (ScriptedUpstream.Heard) -> [ScriptedUpstream.Step]
    private let tls: TLSAcceptor?
    private let record = Lock(Record())

    init(_ script: @escaping @Sendable (ScriptedUpstream.Heard) -> [ScriptedUpstream.Step], _ tls: TLSAcceptor?) {
        self.script = script
        self.tls = tls
    }

    var heard: [ScriptedUpstream.Heard] { record.withLock { $0.heard } }
    var connectionCount: Int { record.withLock { $0.connectionCount } }
    var hasEnded: Bool { record.withLock { $0.hasEnded } }

    func stop() { record.withLock { $0.hasEnded = true } }

    /// No call waits for long, so that the end is noticed.
    static func limitWaiting(_ descriptor: Int32) {
        try? Syscall.setOption(descriptor, SO_RCVTIMEO, milliseconds: 50)
    }

    private func steps(_ heard: ScriptedUpstream.Heard) -> [ScriptedUpstream.Step] {
        record.withLock { $0.heard.append(heard) }
        return script(heard)
    }

    // MARK: UDP

    func serveDatagrams(_ descriptor: Int32) {
        defer { close(descriptor) }
        let elsewhere = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(elsewhere) }
        var buffer = [UInt8](repeating: 0, count: 65_535)
        while !hasEnded {
            let (count, client) = KernelAddress.fill { recvfrom(descriptor, &buffer, buffer.count, 0, $0, &$1) }
            guard count > 0 else { continue }
            let heard = ScriptedUpstream.Heard(
                message: Array(buffer[..<count]), transport: .udp, source: client, connection: 0)
            for step in steps(heard) {
                switch step {
                case .reply(let bytes): send(bytes, descriptor, client)
                case .replyFromElsewhere(let bytes): send(bytes, elsewhere, client)
                case .pause(let milliseconds): usleep(UInt32(milliseconds) * 1_000)
                case .raw, .close: break
                }
            }
        }
    }

    private func send(_ bytes: [UInt8], _ descriptor: Int32, _ client: SocketAddress) {
        _ = KernelAddress(client).pass { sendto(descriptor, bytes, bytes.count, 0, $0, $1) }
    }

    // MARK: TCP

    func serveConnections(_ listener: Int32) {
        defer { close(listener) }
        while !hasEnded {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { continue }
            ScriptedState.limitWaiting(descriptor)
            let number = record.withLock {
                $0.connectionCount += 1
                return $0.connectionCount
            }
            DispatchQueue(label: "test.upstream.connection").async { [self] in serve(descriptor, number) }
        }
    }

    private func serve(_ descriptor: Int32, _ number: Int) {
        defer { close(descriptor) }
        let (_, source) = KernelAddress.fill { getpeername(descriptor, $0, &$1) }
        guard let stream = ScriptedStream(descriptor, tls, while: { !self.hasEnded }) else { return }
        var received: [UInt8] = []
        while !hasEnded {
            guard let more = stream.read() else { return }
            received += more
            while let message = received.takeFramed() {
                let heard = ScriptedUpstream.Heard(
                    message: message, transport: tls == nil ? .tcp : .tls, source: source, connection: number)
                for step in steps(heard) {
                    switch step {
                    case .reply(let bytes): stream.write(bytes.framed)
                    case .raw(let bytes): stream.write(bytes)
                    case .pause(let milliseconds): usleep(UInt32(milliseconds) * 1_000)
                    case .replyFromElsewhere: break
                    case .close: return
                    }
                }
            }
        }
    }
}

extension [UInt8] {
    fileprivate mutating func takeFramed() -> [UInt8]? {
        guard count >= 2 else { return nil }
        let length = 2 + Int(self[0]) << 8 + Int(self[1])
        guard count >= length else { return nil }
        defer { removeFirst(length) }
        return Array(self[2..<length])
    }
}
