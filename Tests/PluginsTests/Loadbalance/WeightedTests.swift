import DNSMessage
import PluginKit
import Telemetry
import TestSupport
import Testing

@testable import Plugins

@Suite("loadbalance weighted")
struct WeightedTests {
    private static let many = (1...4).map { "many.example.org. 60 IN A 192.0.2.\($0)" }
    private static let file = """
        # weights
        Many.Example.org
        192.0.2.1 200
        192.0.2.2 1

        other.example.org.
          2001:db8::1   3
        """

    private func block(_ text: String, _ below: CannedAnswer, more: String = "") throws -> (RunningBlock, TemporaryFile)
    {
        let file = try TemporaryFile(text, extension: "weights")
        return (try RunningBlock("loadbalance weighted \(file.path) {\n\(more)\n}", answering: below), file)
    }

    /// How often each record comes first in so many replies.
    private func firsts(
        _ block: RunningBlock, count: Int, type: RecordType = .a
    ) -> [String: Int] {
        var firsts: [String: Int] = [:]
        for time in 1...count {
            var query = TestQuery("many.example.org", type)
            query.client.port = UInt16(time)
            let answer = block.reply(query)
            firsts[answer.first ?? "", default: 0] += 1
        }
        return firsts
    }

    @Test("puts addresses first as often as their weights say, and moves nothing else")
    func weighs() throws {
        let (block, _) = try block(Self.file, CannedAnswer(Self.many))
        let firsts = firsts(block, count: 2_030)
        // 2000 are expected of the first, 10 of each other.
        #expect((1_950...2_029).contains(firsts[Self.many[0]] ?? 0))
        #expect(firsts.count > 1)
        var orders: Set<[String]> = []
        for port in 1...2_000 {
            var query = TestQuery("many.example.org", .a)
            query.client.port = UInt16(port)
            orders.insert(block.reply(query))
        }
        let swaps = (0..<4).map { index in
            var order = Self.many
            order.swapAt(0, index)
            return order
        }
        #expect(orders.isSubset(of: Set(swaps)))
        #expect(orders.contains(Self.many))
    }

    @Test("leaves questions of other types, and puts aliases in front of what has addresses")
    func others() throws {
        let alias = "c.example.org. 60 IN CNAME many.example.org."
        let mail = ["m.example.org. 60 IN MX 1 b.", "m.example.org. 60 IN MX 1 a."]
        let (block, _) = try block(
            "many.example.org\n192.0.2.4 255\n", CannedAnswer([Self.many[0], alias, Self.many[3]]))
        #expect(block.reply(TestQuery("many.example.org", .mx)) == [Self.many[0], alias, Self.many[3]])
        for port in 1...20 {
            var query = TestQuery("many.example.org", .a)
            query.client.port = UInt16(port)
            #expect(block.reply(query).first == alias)
        }
        let (mailed, _) = try self.block("", CannedAnswer(mail))
        #expect(mailed.reply(TestQuery("m.example.org", .a)) == mail)
    }

    @Test("puts preferred networks in front of all")
    func prefers() throws {
        let (block, _) = try block(Self.file, CannedAnswer(Self.many), more: "prefer 192.0.2.3/32")
        #expect(firsts(block, count: 50) == [Self.many[2]: 50])
    }

    @Test("takes a new file when it has changed, and none with a mistake", .timeLimit(.minutes(2)))
    func reloads() async throws {
        let (block, file) = try block(
            "many.example.org\n192.0.2.1 255\n", CannedAnswer(Self.many), more: "reload 100ms")
        try file.write("many.example.org\n192.0.2.2 0\n")
        let lines = try await eventually { block.logged().filter { $0.contains("ERROR") } }
        #expect(lines.count == 1)
        #expect(
            lines.first?.hasSuffix("line 2: wrong weight value: \"0\", which is 1 to 255; the weights stay as they are")
                == true)
        #expect((firsts(block, count: 300)[Self.many[0]] ?? 0) > 250)
        try file.write("many.example.org\n192.0.2.3 255\n")
        _ = try await eventually { block.logged().filter { $0.contains("Successfully reloaded weight file") } }
        #expect((firsts(block, count: 300)[Self.many[2]] ?? 0) > 250)
    }

    @Test("starts without a file only if it looks again")
    func absent() throws {
        let block = try RunningBlock("loadbalance weighted /nonexistent/weights", answering: CannedAnswer(Self.many))
        #expect(block.finish().contains { $0.contains("Failed to open weight file /nonexistent/weights") })
        #expect(throws: StartError.self) {
            _ = try RunningBlock("loadbalance weighted /nonexistent/weights {\nreload 0s\n}")
        }
    }

    @Test(
        "tells the line of a mistake in the file",
        arguments: [
            (
                "w1.example.org\n192.168.1.14\n",
                "line 2: wrong domain name: \"192.168.1.14\" (maybe a missing weight value?)"
            ),
            ("\n# x\n192.168.1.14 10\n", "line 3: missing domain name"),
            ("a.test\n192.168.1.300 10", "line 2: wrong IP address: \"192.168.1.300\""),
            ("a.test\n192.168.1.14 300", "line 2: wrong weight value: \"300\", which is 1 to 255"),
            ("a.test\n192.168.1.14 +3", "line 2: wrong weight value: \"+3\", which is 1 to 255"),
            ("a.test\n192.168.1.14 1 2", "line 2: a line has a name, or an address and its weight"),
        ])
    func mistakes(text: String, expected: String) {
        let error = #expect(throws: WeightsText.Mistake.self) { _ = try WeightsText.read(Array(text.utf8)) }
        #expect(error?.description == expected)
    }
}
