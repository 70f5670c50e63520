import AdminHTTP
import CLinux
import Corefile
import DNSMessage
import Glibc
@testable import Instance
import PluginKit
import Plugins
import Sockets
import Telemetry
import TestSupport

/// A server block that was started, with a log and metrics of its own; asked without DNS sockets.
final class RunningBlock {
    let metrics = MetricsRegistry(workers: 2)
    let parts: [any AnyObject & Sendable]
    private let chain: Chain
    private let context: StartContext
    private let udpSize: Int
    private let output = OutputPipe()
    private let sink: LogSink
    private var isRunning = true

    /// Starts the block `. { lines }` in front of a plugin that answers; its sockets count as open, unless told not to.
    init(
        _ lines: String, answering: (any Plugin)? = nil, readiness: [any ReadinessReporting] = [],
        opensSockets: Bool = true
    ) throws {
        sink = LogSink(descriptor: output.writer)
        let setting = Configuration.Setting(
            kinds: Registry.kinds, notBuilt: Registry.notBuilt, defaultPort: 53, host: .test, metrics: metrics,
            logSink: sink)
        let (configuration, diagnostics) = Configuration.load(text: ". {\n\(lines)\n}\n", file: "Corefile", setting)
        guard let block = configuration?.blocks.first else {
            throw TestBlock.SetupFailure(lines: diagnostics.rendered())
        }
        let answers = answering.map { [Chain.Link($0, position: Registry.kinds.count)] } ?? []
        chain = Chain(block.chain.links + answers)
        udpSize = block.options.udpSize
        parts = block.parts.map(\.part)
        let sites = [
            Site(server: "dns://:53", zone: "dropped", block: nil),
            Site(server: "dns://:53", zone: ".", block: 0, plugins: block.chainNames),
        ]
        context = StartContext(
            workerCount: 2, sites: sites, pluginNames: Registry.kinds.map { $0.name } + ["answers"],
            readiness: readiness)
        for part in parts { try (part as? any Starting)?.start(context) }
        if opensSockets { serve() }
    }

    /// What comes when the sockets are open.
    func serve() {
        for part in parts { (part as? any Serving)?.serving(context) }
    }

    deinit { _ = finish() }

    /// Sends a query through the chain; it came in a message of `size` bytes.
    func ask(_ asked: TestQuery, size: Int = 33, worker: Int = 0) {
        run(asked, size: size, worker: worker) { query in
            query.site = 1
            _ = chain.run(&query)
        }
    }

    /// The records that a query is answered with, in their order.
    func reply(_ asked: TestQuery) -> [String] {
        var answer: [String] = []
        run(asked, size: 33, worker: 0) { query in
            query.site = 1
            let outcome = chain.run(&query)
            answer = (try? TestReply(finishing: &query, outcome))?.answer ?? []
        }
        return answer
    }

    /// The reply to a query, finished as the server does; aliases are not followed.
    func reply(to asked: TestQuery) throws -> TestReply {
        var result: Result<TestReply, any Error>?
        run(asked, size: 33, worker: 0) { query in
            query.site = 1
            let outcome = chain.run(&query)
            do { result = .success(try TestReply(finishing: &query, outcome)) } catch { result = .failure(error) }
        }
        guard let result else { preconditionFailure("the body has run") }
        return try result.get()
    }

    /// Shows a query that no block took to whoever counts those.
    func refuse(_ asked: TestQuery, _ code: ResponseCode) {
        run(asked, size: 33, worker: 0) { query in
            query.response.reset(code)
            chain.refusalObserver?.onRefusal(&query)
        }
    }

    private func run(_ asked: TestQuery, size: Int, worker: Int, _ body: (inout Query) -> Void) {
        var nameMemory = NameScratch()
        let question = QuestionView(name: nameMemory.read(asked.name), type: asked.type, class: asked.class)
        var query = Query(worker: WorkerSlot(worker), question: question)
        let opt = asked.optRecord
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 8)
        defer {
            opt.deallocate()
            bytes.deallocate()
        }
        query.request.bytes = UnsafeRawBufferPointer(bytes)
        query.request.edns = asked.edns == nil ? nil : asked.readEDNS(opt)
        query.request.id = asked.id
        query.request.flags = asked.flags
        query.client = asked.client
        query.server = SocketAddress(IPAddress(high: 0, low: 0), port: 53)
        query.transport = asked.transport
        query.receivedAt = MonotonicClock.nowNanoseconds()
        query.udpSize = udpSize
        query.response.begin(question, request: query.request)
        body(&query)
    }

    /// Tells the block that a worker has nothing to do.
    func idle(worker: Int = 0) {
        for part in parts { (part as? any IdleObserving)?.workerIsIdle(WorkerSlot(worker)) }
    }

    /// The first part of a type.
    func part<Part>(_ type: Part.Type) -> Part? { parts.lazy.compactMap { $0 as? Part }.first }

    /// What SIGTERM begins with.
    func drain() -> Duration { parts.reduce(.zero) { max($0, ($1 as? any Draining)?.drain() ?? .zero) } }

    /// Lines of metrics that begin with `prefix`.
    func metrics(_ prefix: String) -> [String] {
        String(decoding: metrics.exposition(), as: UTF8.self).split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix(prefix) }
    }

    /// Lines logged so far and not read yet.
    func logged() -> [String] {
        sink.flush(withinMilliseconds: 60_000)
        return output.available()
    }

    /// Stops the block; the lines that were logged and not read yet.
    func finish() -> [String] {
        guard isRunning else { return [] }
        isRunning = false
        for part in parts { (part as? any Stopping)?.stop() }
        let lines = logged()
        output.close()
        return lines
    }
}

/// A pipe that stands for standard output.
private struct OutputPipe {
    let reader: Int32
    let writer: Int32

    init() {
        var ends: [Int32] = [0, 0]
        let result = pipe(&ends)
        precondition(result == 0)
        (reader, writer) = (ends[0], ends[1])
    }

    func available() -> [String] {
        var count: Int32 = 0
        _ = ioctl(reader, UInt(FIONREAD), &count)
        guard count > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: Int(count))
        let length = read(reader, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(length, 0)), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    func close() {
        Glibc.close(reader)
        Glibc.close(writer)
    }
}

/// Status and body of a GET, as in `200 OK`; nil when nobody answers.
func httpGet(_ path: String, at address: ListenAddress?) -> String? {
    guard let address, let descriptor = connected(to: address.port) else { return nil }
    defer { close(descriptor) }
    let request = Array("GET \(path) HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n".utf8)
    guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return nil }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    for _ in 0..<10_000 {
        let count = recv(descriptor, &chunk, chunk.count, 0)
        guard count > 0 else { break }
        bytes += chunk[..<count]
    }
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
    return "\(text.dropFirst(9).prefix(3)) \(text[end.upperBound...])"
}

/// A connection to a port of 127.0.0.1.
private func connected(to port: UInt16) -> Int32? {
    guard let descriptor = try? Syscall.open(SOCK_STREAM, .v4, waits: true) else { return nil }
    try? Syscall.setOption(descriptor, SO_RCVTIMEO, milliseconds: 60_000)
    if (try? Syscall.connect(descriptor, to: KernelAddress(.loopback(port)))) != nil { return descriptor }
    close(descriptor)
    return nil
}
