import DNSMessage
import PluginKit
import Testing

/// Answers as an upstream does: RA, and an OPT record of its own when the client sent one.
private final class Upstream: QueryHandling {
    private let answer: CannedAnswer

    init(_ answer: CannedAnswer) { self.answer = answer }

    func onQuery(_ query: inout Query) -> Verdict {
        _ = answer.onQuery(&query)
        guard query.request.edns != nil else { return .reply }
        query.response.writer.move(to: .additional)
        let root: StaticString = "\0"
        query.response.writer.beginRecord(.wire(root.utf8Start), .opt, ttl: 0)
        query.response.writer.endRecord()
        return .reply
    }
}

private final class Dropper: QueryHandling {
    func onQuery(_ query: inout Query) -> Verdict { .drop }
}

@Suite("log")
struct LogTests {
    private static let cust = """
        log cust.test "T={type} N={name} C={class} P={proto} R={remote} S={size} p={port} rc={rcode} rs={rsize} \
        id={>id} op={>opcode} do={>do} bs={>bufsize} fl={>rflags} l={local} x={nope}"
        """
    private static let nothing = "example.org. 60 IN SOA ns.example.org. h.example.org. 7 1 2 3 60"

    /// A line that CoreDNS wrote, and the query and answer that made it.
    struct Case: Sendable, CustomTestStringConvertible {
        let log: String
        let name: Name
        let type: RecordType
        var `class` = RecordClass.internet
        let size: Int
        var edns: (size: UInt16, dnssecOK: Bool)? = (1232, false)
        var transport = Transport.udp
        var flags = HeaderFlags.recursionDesiredBit
        var id: UInt16 = 1
        var port: UInt16 = 5555
        var answer: [String] = []
        var authority: [String] = []
        var code = ResponseCode.noError
        let line: String?

        var testDescription: String { "\(log): \(name) \(type)" }
    }

    @Test(
        "writes the lines that CoreDNS was recorded to write",
        arguments: [
            Case(
                log: "log", name: "www.example.org", type: .a, size: 33, edns: nil, id: 1005, port: 40123,
                answer: ["www.example.org. 10 IN A 192.0.2.100"],
                line: "127.0.0.1:40123 - 1005 \"A IN www.example.org. udp 33 false 512\" NOERROR qr,rd,ra 64 DURATION"),
            Case(
                log: "log", name: "WWW.Example.org", type: .a, size: 44, id: 1002, port: 40124,
                answer: ["WWW.Example.org. 10 IN A 192.0.2.100"],
                line: "127.0.0.1:40124 - 1002 \"A IN www.example.org. udp 44 false 1232\" "
                    + "NOERROR qr,rd,ra 75 DURATION"),
            Case(
                log: "log", name: "www.example.org", type: .txt, size: 44, edns: (4096, true), id: 1004,
                answer: ["www.example.org. 10 IN A 192.0.2.100"],
                line: "127.0.0.1:5555 - 1004 \"TXT IN www.example.org. udp 44 true 4096\" "
                    + "NOERROR qr,rd,ra 75 DURATION"),
            Case(
                log: "log", name: "nx.example.org", type: .a, size: 43, authority: [nothing], code: .nxDomain,
                line: "127.0.0.1:5555 - 1 \"A IN nx.example.org. udp 43 false 1232\" NXDOMAIN qr,rd,ra 117 DURATION"),
            Case(
                log: "log", name: "servfail.example.org", type: .a, size: 49, code: .servFail,
                line: "127.0.0.1:5555 - 1 \"A IN servfail.example.org. udp 49 false 1232\" "
                    + "SERVFAIL qr,rd,ra 49 DURATION"),
            Case(
                log: "log . \"{combined} end\"", name: "www.comb.test", type: .a, size: 42, id: 1009,
                answer: ["www.comb.test. 10 IN A 192.0.2.100"],
                line: "127.0.0.1:5555 - 1009 \"A IN www.comb.test. udp 42 false 1232\" NOERROR qr,rd,ra 71 DURATION"
                    + " \"0\" end"),
            Case(
                log: cust, name: "www.cust.test", type: .a, size: 42, id: 1010, port: 5556,
                answer: ["www.cust.test. 10 IN A 192.0.2.100"],
                line: "T=A N=www.cust.test. C=IN P=udp R=127.0.0.1 S=42 p=5556 rc=NOERROR rs=71 id=1010 op=0 do=false "
                    + "bs=1232 fl=qr,rd,ra l=[::] x={nope}"),
            Case(
                log: cust, name: "nx.cust.test", type: .a, size: 41, id: 1013, port: 5559, authority: [nothing],
                code: .nxDomain,
                line: "T=A N=nx.cust.test. C=IN P=udp R=127.0.0.1 S=41 p=5559 rc=NXDOMAIN rs=115 id=1013 op=0 do=false "
                    + "bs=1232 fl=qr,rd,ra l=[::] x={nope}"),
            Case(
                log: "log . {\n class denial\n}", name: "nx.den.test", type: .a, size: 40, authority: [nothing],
                code: .nxDomain,
                line: "127.0.0.1:5555 - 1 \"A IN nx.den.test. udp 40 false 1232\" NXDOMAIN qr,rd,ra 114 DURATION"),
            Case(
                log: "log . {\n class denial\n}", name: "nodata.den.test", type: .a, size: 44, authority: [nothing],
                line: "127.0.0.1:5555 - 1 \"A IN nodata.den.test. udp 44 false 1232\" NOERROR qr,rd,ra 118 DURATION"),
            Case(
                log: "log . {\n class denial\n}", name: "www.den.test", type: .a, size: 41,
                answer: ["www.den.test. 10 IN A 192.0.2.100"], line: nil),
            Case(
                log: "log . {\n class denial\n}", name: "servfail.den.test", type: .a, size: 46, code: .servFail,
                line: nil),
            Case(
                log: "log . \"E {common}\" {\n class error\n}", name: "refused.err.test", type: .a, size: 45,
                code: .refused,
                line: "E 127.0.0.1:5555 - 1 \"A IN refused.err.test. udp 45 false 1232\" REFUSED qr,rd,ra 45 DURATION"),
            Case(
                log: "log . \"E {common}\" {\n class error\n}", name: "ref.err.test", type: .a, size: 41,
                authority: ["ref.example.org. 20 IN NS ns1.ref.example.org."], line: nil),
            Case(
                log: "log a.two.test \"A {name}\"\nlog b.two.test {\n class success denial\n}", name: "x.a.two.test",
                type: .a, size: 41, answer: ["x.a.two.test. 10 IN A 192.0.2.100"], line: "A x.a.two.test."),
            Case(
                log: "log a.two.test \"A {name}\"\nlog b.two.test {\n class success denial\n}", name: "x.two.test",
                type: .a, size: 39, answer: ["x.two.test. 10 IN A 192.0.2.100"], line: nil),
        ])
    func recorded(_ asked: Case) throws {
        let answer = CannedAnswer(
            asked.answer, authority: asked.authority, code: asked.code, flags: HeaderFlags.recursionAvailableBit)
        let block = try RunningBlock(asked.log, answering: Upstream(answer))
        var query = TestQuery(asked.name, asked.type, class: asked.class, edns: nil)
        query.edns = asked.edns.map { TestQuery.EDNS(udpSize: $0.size, dnssecOK: $0.dnssecOK) }
        query.transport = asked.transport
        query.flags = HeaderFlags(rawValue: asked.flags)
        query.id = asked.id
        query.client.port = asked.port
        block.ask(query, size: asked.size)
        let lines = block.finish().map { $0.replacing(#/\b0\.[0-9]{1,9}s/#, with: "DURATION") }
        #expect(lines == (asked.line.map { ["[INFO] \($0)"] } ?? []))
    }

    @Test("writes an object of JSON a line when that is wanted, with metadata")
    func json() throws {
        let block = try RunningBlock(
            "metadata\nview main\nlog {\nformat json view/name no/such\nclass success\n}", answering: CannedAnswer())
        var query = TestQuery("a\\\"b.test", .txt)
        query.id = 77
        block.ask(query)
        let line = try #require(block.finish().last)
        let duration = line.firstMatch(of: #/"duration":"([0-9.]+s)"/#)?.1 ?? "none"
        #expect(
            line.replacing(duration, with: "D") == #"{"remote":"127.0.0.1","port":5600,"local":"[::]","proto":"udp","#
                + #""id":77,"opcode":0,"type":"TXT","class":"IN","name":"a\\\"b.test.","size":33,"do":false,"#
                + #""bufsize":1232,"rcode":"NOERROR","rflags":"qr,aa,rd","rsize":26,"duration":"D","#
                + #""view/name":"main","no/such":"-"}"#)
    }

    @Test(
        "reports formats that are none",
        arguments: [
            ("log {\nformat xml\n}", "3:8 error: unknown format 'xml'"),
            ("log {\nformat json x\n}", "3:13 error: 'x' is no label of metadata"),
        ])
    func wrongFormats(lines: String, mistake: String) {
        #expect(TestBlock.mistakes(lines) == [mistake])
    }

    @Test("tells IPv6 addresses in brackets, the size that TCP takes, and every flag")
    func overTCP() throws {
        let flags = HeaderFlags.authoritativeBit | HeaderFlags.truncatedBit | HeaderFlags.authenticDataBit
        let block = try RunningBlock(
            "log . \"{remote} {port} {local} {proto} {>bufsize} {class} {type} {>rflags} {rcode} {>opcode} {/a/b} {\"",
            answering: CannedAnswer(code: ResponseCode(rawValue: 23), flags: flags | HeaderFlags.zeroBit))
        var query = TestQuery("x.test", RecordType(rawValue: 65280), class: .chaos)
        query.client = SocketAddress(IPAddress(high: 0x2001_0DB8_0000_0000, low: 1), port: 40)
        query.transport = .tcp
        query.flags = HeaderFlags(rawValue: HeaderFlags.checkingDisabledBit)
        block.ask(query)
        // A query of a foreign class meets no plugin that did not ask for it, but every response is seen.
        #expect(
            block.finish() == [
                "[INFO] [2001:db8::1] 40 [::] tcp 65535 CH TYPE65280 qr,cd REFUSED 0 - {"
            ])
        let badCookie = CannedAnswer(code: ResponseCode(rawValue: 23), flags: flags | HeaderFlags.zeroBit)
        let other = try RunningBlock("log . \"{>rflags} {rcode}\"", answering: badCookie)
        other.ask(TestQuery("x.test", .a))
        #expect(other.finish() == ["[INFO] qr,aa,tc,rd,z,ad BADCOOKIE"])
    }

    @Test("tells a dropped query by a dash")
    func dropped() throws {
        let block = try RunningBlock("log . \"{name} {rcode} {>rflags} {rsize}\"", answering: Dropper())
        block.ask(TestQuery("gone.test", .a))
        #expect(block.finish() == ["[INFO] gone.test. - - 0"])
    }

    @Test("escapes what names may hold")
    func hostileName() throws {
        let block = try RunningBlock("log . \"{name}\"", answering: CannedAnswer())
        block.ask(TestQuery("a\\010[INFO]\\032b\\.c.test", .a))
        #expect(block.finish() == ["[INFO] a\\010[info]\\ b\\.c.test."])
    }

    @Test("keeps lines until the worker is idle")
    func idle() throws {
        let block = try RunningBlock("log . {name}", answering: CannedAnswer())
        block.ask(TestQuery("a.test", .a))
        block.ask(TestQuery("b.test", .a), worker: 1)
        #expect(block.logged() == [])
        block.idle(worker: 0)
        #expect(block.logged() == ["[INFO] a.test."])
        #expect(block.finish() == ["[INFO] b.test."])
    }

    @Test("lets the first line with a zone of the name decide alone, whatever its class")
    func firstRule() throws {
        let block = try RunningBlock(
            "log a.test 10.0.0.0/24 FIRST-{name} {\n class error\n}\nlog . \"second {name}\"",
            answering: CannedAnswer(["x. 1 IN A 192.0.2.1"]))
        for name in ["x.a.test", "a.test", "xa.test", "1.0.0.10.in-addr.arpa", "1.1.0.10.in-addr.arpa"] {
            block.ask(TestQuery(Name(stringLiteral: name), .a))
        }
        #expect(block.finish() == ["[INFO] second xa.test.", "[INFO] second 1.1.0.10.in-addr.arpa."])
    }

    @Test(
        "reports mistakes",
        arguments: [
            ("log . {\nclass foo\n}", ["3:7 error: invalid class 'foo'"]),
            ("log . {\nclass\n}", ["3:1 error: Wrong argument count or unexpected line ending after 'class'"]),
            ("log {\nclas all\n}", ["3:1 error: unknown property 'clas'"]),
            (
                "log \"{name}\"",
                ["2:5 warning: '{name}' is taken as a name, because a format needs a name before it"]
            ),
            ("log\nlog", []),
            ("log a.test b.test \"{name}\" {\nclass all error\nclass denial\n}", []),
        ])
    func mistakes(lines: String, sentences: [String]) {
        #expect(TestBlock.mistakes(lines) == sentences)
    }
}
