import CLinux
import Glibc
import HTTPClient
import TestSupport
import Testing

/// Each in a process of its own, where nobody else allocates.
@Suite struct MemoryTests {
    static let warmUpCount = 2_000
    static let requestCount = 10_000
    /// The heap of threads and their caches still settles; a request that is not freed has thousands of bytes.
    static let growthBytesMax = 1_048_576

    @Test("ten thousand requests leave memory and descriptors as they were")
    func requests() async {
        await #expect(processExitsWith: .success) {
            let server = ScriptedServer([.answerAll(CancelTests.hello)])
            let client = ClientUnderTest()
            let grown = MemoryTests.growth { _ = client.get(server.url).waitForEnd() }
            precondition(grown.bytes < MemoryTests.growthBytesMax, "\(grown.bytes) bytes more")
            precondition(grown.descriptors == 0, "\(grown.descriptors) descriptors more")
        }
    }

    @Test("requests that are cancelled, refused and garbled leave memory and descriptors as they were")
    func failures() async {
        await #expect(processExitsWith: .success) {
            let garbled = ScriptedServer([.receive, .send("nonsense\r\n")])
            let endless = ScriptedServer([.receive, .send(CancelTests.endless), .hold])
            let client = ClientUnderTest()
            let refused = "http://127.0.0.1:\(FreePorts.take())/"
            let grown = MemoryTests.growth(dividedBy: 10) {
                _ = client.get(garbled.url).waitForEnd()
                _ = client.get(refused).waitForEnd()
                _ = client.get("nonsense").waitForEnd()
                let response = Recorder()
                let exchange = client.send(HTTPRequest(url: endless.url), to: response)
                _ = response.waitForHead()
                client.cancel(exchange)
            }
            precondition(grown.bytes < MemoryTests.growthBytesMax, "\(grown.bytes) bytes more")
            precondition(grown.descriptors <= 4, "\(grown.descriptors) descriptors more")
        }
    }

    @Test("closing closes every connection")
    func close() async {
        await #expect(processExitsWith: .success) {
            let server = ScriptedServer([.answerAll(CancelTests.hello)])
            let client = ClientUnderTest()
            _ = client.get(server.url).waitForEnd()
            client.close()
            let before = OpenDescriptors.count
            for _ in 0..<20 {
                let responses = (0..<10).map { _ in client.get(server.url) }
                for response in responses { _ = response.waitForEnd() }
                client.close()
            }
            precondition(OpenDescriptors.settle(at: before) <= before, "descriptors stay open")
        }
    }

    @Test("connections without requests on them are few")
    func idleConnections() async {
        await #expect(processExitsWith: .success) {
            let servers = (0..<30).map { _ in ScriptedServer([.answerAll(CancelTests.hello)]) }
            let client = ClientUnderTest()
            _ = client.get(servers[0].url).waitForEnd()
            let first = OpenDescriptors.count
            for server in servers { _ = client.get(server.url).waitForEnd() }
            // Both ends of a connection are in this process.
            let limit = first + 2 * (8 - 1)
            precondition(OpenDescriptors.settle(at: limit) <= limit, "\(OpenDescriptors.count - first) more")
        }
    }

    /// What many calls of `body` add to the heap and to the open descriptors, once they have been made often.
    static func growth(dividedBy divisor: Int = 1, _ body: () -> Void) -> (bytes: Int, descriptors: Int) {
        for _ in 0..<warmUpCount / divisor { body() }
        let (bytes, descriptors) = (heapBytes, OpenDescriptors.count)
        for _ in 0..<requestCount / divisor { body() }
        return (heapBytes - bytes, OpenDescriptors.count - descriptors)
    }

    private static var heapBytes: Int {
        let heap = mallinfo2()
        return Int(heap.uordblks + heap.hblkhd)
    }
}
