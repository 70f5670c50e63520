import DNSMessage
import TestSupport
import Testing

/// The real program, asking scripted servers.
@Suite("clusterdns query")
struct QueryCommandTests {
    @Test("shows an answer and exits with 0, whatever its response code", arguments: [("NOERROR", 0), ("NXDOMAIN", 3)])
    func answers(name: String, code: UInt8) throws {
        let server = try ScriptedUpstream { [.reply($0.answer(count: code == 0 ? 1 : 0, code: code))] }
        let outcome = try Program(["query", "@\(server.address)", "www.example.org"]).finish()
        #expect(outcome.code == 0)
        #expect(outcome.errors.isEmpty)
        #expect(outcome.output.contains { $0.hasPrefix(";; ->>HEADER<<- opcode: QUERY, status: \(name), id: ") })
        #expect(outcome.output.contains("www.example.org.\t256\tIN\tA\t192.0.2.1") == (code == 0))
        #expect(
            outcome.output.contains { $0.hasPrefix(";; SERVER: 127.0.0.1#\(server.address.port)(127.0.0.1) (UDP)") })
    }

    @Test("shows the data alone with +short")
    func short() throws {
        let server = try ScriptedUpstream { [.reply($0.answer(count: 2))] }
        let outcome = try Program(["query", "+short", "@\(server.address)", "www.example.org"]).finish()
        #expect(outcome.output == ["192.0.2.1", "192.0.2.2"])
    }

    @Test("asks again over TCP for what did not fit")
    func truncated() throws {
        let server = try ScriptedUpstream { heard in
            [.reply(heard.transport == .udp ? heard.answer(count: 0, truncated: true) : heard.answer(count: 30))]
        }
        let outcome = try Program(["query", "@\(server.address)", "www.example.org"]).finish()
        #expect(outcome.output.contains(";; Truncated, retrying in TCP mode."))
        #expect(outcome.output.contains { $0.hasSuffix("(TCP)") })
        #expect(outcome.output.filter { $0.contains("\tA\t192.0.2.") }.count == 30)
        let once = try Program(["query", "+ignore", "@\(server.address)", "www.example.org"]).finish()
        #expect(once.output.contains { $0.hasPrefix(";; flags: qr tc rd ra;") })
        #expect(once.output.contains { $0.hasSuffix("(UDP)") })
    }

    @Test("exits with 9 and says why when nobody answers")
    func silence() throws {
        let silent = try ScriptedUpstream { _ in [] }
        let outcome = try Program(["query", "@\(silent.address)", "+time=1", "+tries=2", "x.example"]).finish()
        #expect(outcome.code == 9)
        #expect(silent.heard.count == 2)
        let line = ";; communications error to 127.0.0.1#\(silent.address.port): timed out"
        #expect(outcome.output.suffix(3) == [line, line, ";; no servers could be reached"])
        let port = FreePorts.take()
        let refused = try Program(["query", "@127.0.0.1:\(port)", "+short", "x.example"]).finish()
        #expect(refused.code == 9)
        #expect(
            refused.output == [
                ";; communications error to 127.0.0.1#\(port): connection refused", ";; no servers could be reached",
            ])
    }

    @Test("exits with 10 where an answer cannot be read")
    func malformed() throws {
        let server = try ScriptedUpstream { [.reply(Array($0.answer().dropLast(3)))] }
        let outcome = try Program(["query", "@\(server.address)", "x.example"]).finish()
        #expect(outcome.code == 10)
        let place = "the answer of 127.0.0.1#\(server.address.port) cannot be read: malformed at byte 27"
        #expect(outcome.output.last == ";; \(place)")
    }

    @Test("exits with 1 and one sentence on standard error for words that make no sense")
    func usage() throws {
        let outcome = try Program(["query", "+wat"]).finish()
        #expect(outcome.code == 1)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors == ["clusterdns query: there is no option '+wat'"])
    }

    @Test("sends a query with the flags and the OPT record that were asked for")
    func queries() throws {
        let server = try ScriptedUpstream { [.reply($0.answer())] }
        let words = ["+norecurse", "+noad", "+dnssec", "+nsid", "+nocookie", "+bufsize=4000"]
        _ = try Program(["query", "@\(server.address)", "WWW.example.org", "AAAA"] + words).finish()
        let bytes = try #require(server.heard.first?.message)
        let message = try bytes.withUnsafeBytes { try Message(decoding: $0) }
        #expect(message.flags.rawValue == 0)
        #expect(message.questions == [Message.Question("www.example.org", .aaaa)])
        #expect("\(message.questions[0].name)" == "WWW.example.org.")
        let nsid: [UInt8] = [0, 3, 0, 0]
        #expect(
            message.additional == [
                Record(.root, ttl: 0x8000, class: RecordClass(rawValue: 4000), .other(.opt, nsid))
            ])
    }

    @Test("shows a message for machines with --json, without an answer too")
    func json() throws {
        let server = try ScriptedUpstream { [.reply($0.answer())] }
        let outcome = try Program(["query", "--json", "@\(server.address)", "www.example.org"]).finish()
        #expect(outcome.output.contains("  \"QNAME\": \"www.example.org.\","))
        #expect(outcome.output.contains("      \"rdataA\": \"192.0.2.1\""))
        let failed = try Program(["query", "+json", "@127.0.0.1:\(FreePorts.take())", "www.example.org"]).finish()
        #expect(failed.code == 9)
        #expect(failed.output.first == "{")
        #expect(failed.output.contains { $0.contains("connection refused") })
    }
}
