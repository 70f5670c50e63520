import DNSMessage
import PluginKit
import TestSupport
import Testing

@Suite("file")
struct FileTests {
    static let zone = """
        $TTL 60
        @ SOA ns h 5 2 3 4 5
        @ NS ns
        ns A 10.0.0.1
        www A 10.0.0.2
        out CNAME www.example.net.
        a.ent A 10.0.0.3
        sub NS ns.sub
        ns.sub A 10.0.0.4
        """

    private func block(_ options: String = "", _ text: String = zone) throws -> (RunningBlock, TemporaryFile) {
        let file = try TemporaryFile(text, extension: "zone")
        return (try RunningBlock("file \(file.path) example.org {\n\(options)\n}"), file)
    }

    @Test("answers with the zone's servers, from a file")
    func answers() throws {
        let file = try TemporaryFile(Self.zone, extension: "zone")
        let block = try TestBlock("file \(file.path) example.org")
        let reply = try block.ask(TestQuery("www.example.org", .a))
        #expect(reply.responseCode == "NOERROR")
        #expect(reply.flags == "aa,rd")
        #expect(reply.answer == ["www.example.org. 60 IN A 10.0.0.2"])
        #expect(reply.authority == ["example.org. 60 IN NS ns.example.org."])
        let referral = try block.ask(TestQuery("x.sub.example.org", .a))
        #expect(referral.flags == "rd")
        #expect(referral.additional == ["ns.sub.example.org. 60 IN A 10.0.0.4"])
        let denial = try block.ask(TestQuery("nope.example.org", .a))
        #expect(denial.responseCode == "NXDOMAIN")
        #expect(denial.authority == ["example.org. 5 IN SOA ns.example.org. h.example.org. 5 2 3 4 5"])
        #expect(try block.ask(TestQuery("example.org", .axfr)).responseCode == "REFUSED")
        #expect(try block.ask(TestQuery("out.example.org", .a)).outcome == .follow)
    }

    @Test("refuses what is no zone of its own as the last plugin, and passes it on to another")
    func foreignNames() throws {
        let file = try TemporaryFile(Self.zone, extension: "zone")
        let alone = try TestBlock("file \(file.path) example.org")
        #expect(try alone.ask(TestQuery("example.net", .a)).responseCode == "REFUSED")
        let followed = try TestBlock("file \(file.path) example.org\nwhoami")
        #expect(try followed.ask(TestQuery("example.net", .a)).responseCode == "NOERROR")
    }

    @Test("passes on names that do not exist or are empty, where fallthrough says so")
    func fallsThrough() throws {
        let file = try TemporaryFile(Self.zone, extension: "zone")
        let canned = CannedAnswer(["x. 1 IN TXT \"behind\""])
        let block = try TestBlock(
            "file \(file.path) example.org {\n fallthrough ent.example.org\n}", answering: canned)
        #expect(try block.ask(TestQuery("x.ent.example.org", .a)).answer == ["x. 1 IN TXT \"behind\""])
        #expect(try block.ask(TestQuery("ent.example.org", .a)).answer == ["x. 1 IN TXT \"behind\""])
        #expect(try block.ask(TestQuery("ent.example.org", .a)).authority == [])
        #expect(try block.ask(TestQuery("a.ent.example.org", .txt)).answer == [])
        #expect(try block.ask(TestQuery("x.example.org", .a)).responseCode == "NXDOMAIN")
    }

    @Test("asks the zone above about a delegation's keys, where both are served")
    func nestedZones() throws {
        let parent = try TemporaryFile(
            "$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nsub NS ns.sub\nsub DS 1 13 2 "
                + String(repeating: "ab", count: 32) + "\n", extension: "zone")
        let child = try TemporaryFile(
            "$TTL 60\n@ SOA ns h 9 2 3 4 5\n@ NS ns\nns A 10.0.0.4\n", extension: "zone")
        let block = try TestBlock("file \(parent.path) example.org\nfile \(child.path) sub.example.org")
        #expect(try block.ask(TestQuery("sub.example.org", .ds)).answer.count == 1)
        #expect(try block.ask(TestQuery("sub.example.org", .soa)).answer.first?.contains(" 9 2 3 4 5") == true)
    }

    @Test("sets TC where glue below a delegation does not fit (RFC 9471 §3.1), and not for other addresses")
    func cutGlue() throws {
        let hosts = (1...13).flatMap { number in
            ["@ MX 1 mail\(number)", "sub NS ns\(number).sub"]
                + ["mail\(number)", "ns\(number).sub"].flatMap { ["\($0) A 10.0.1.1", "\($0) AAAA 2001:db8::1"] }
        }
        let lines = ["$TTL 60", "@ SOA ns h 5 2 3 4 5", "@ NS ns"] + hosts
        let file = try TemporaryFile(lines.joined(separator: "\n") + "\n", extension: "zone")
        let server = try TestServer(
            "example.org {\n rewrite name exact old.sub.example.org x.sub.example.org\n file \(file.path)\n}")
        #expect(try server.ask("x.sub.example.org. A").header == "NOERROR qr,tc,rd")
        #expect(try server.ask("old.sub.example.org. A").header == "NOERROR qr,tc,rd")
        let whole = try server.ask("x.sub.example.org. A", over: .tcp)
        #expect(whole.header == "NOERROR qr,rd")
        #expect(whole.additional.count == 26)
        let mail = try server.ask("example.org. MX")
        #expect(mail.header == "NOERROR qr,aa,rd")
        #expect(mail.additional.count < 26)
    }

    @Test("proves that wildcards had to stand in, on both sides of an alias to another zone (RFC 4035 §3.1.3.3)")
    func provesExpansions() throws {
        func zone(_ name: String, _ records: String) throws -> TemporaryFile {
            let signature = "13 3 60 20380101000000 20260101000000 1 \(name). AAAA"
            return try TemporaryFile(
                """
                $TTL 60
                @ SOA ns h 5 2 3 4 5
                @ NS ns
                @ NSEC *.w SOA NS RRSIG NSEC
                *.w \(records)
                *.w NSEC @ CNAME RRSIG NSEC
                *.w RRSIG NSEC \(signature)
                """, extension: "zone")
        }
        let near = try zone("example.org", "CNAME x.w.example.net.")
        let far = try zone("example.net", "A 10.0.0.1")
        let server = try TestServer(
            "example.org {\n file \(near.path)\n}\nexample.net {\n file \(far.path)\n}")
        let reply = try server.ask("a.w.example.org. A +do")
        #expect(
            reply.answer == ["a.w.example.org. 60 IN CNAME x.w.example.net.", "x.w.example.net. 60 IN A 10.0.0.1"])
        let proofs = reply.authority.filter { $0.contains(" IN NSEC ") }
        #expect(proofs.map { $0.prefix { $0 != " " } } == ["*.w.example.net.", "*.w.example.org."])
        #expect(try server.ask("a.w.example.org. A").authority == ["example.org. 60 IN NS ns.example.org."])
    }

    @Test("says so where what an alias leads to was cut")
    func cutTargets() throws {
        let file = try TemporaryFile(Self.zone, extension: "zone")
        let server = try TestServer(
            "example.org {\n file \(file.path)\n}\nexample.net {\n erratic {\n drop 0\n delay 0\n truncate 1\n }\n}")
        #expect(try server.ask("out.example.org. A").header == "NOERROR qr,aa,tc,rd")
    }

    @Test(
        "says what is wrong with its lines",
        arguments: [
            ("file", "Wrong argument count or unexpected line ending after 'file'"),
            ("file /nowhere/zone example.org {\n reload 0\n}", "open /nowhere/zone: no such file or directory"),
            ("file /nowhere/zone example.org {\n reload x\n}", "x"),
            ("file /nowhere/zone example.org {\n reload -1s\n}", "invalid negative duration for reload '-1s'"),
            ("file /nowhere/zone example.org {\n nosuch\n}", "unknown property 'nosuch'"),
        ])
    func mistakes(_ lines: String, _ message: String) {
        #expect(TestBlock.mistakes(lines).contains { $0.contains(message) })
    }

    @Test("tells each mistake of a zone's file with its place, and does not start")
    func brokenFile() throws {
        let file = try TemporaryFile("@ SOA ns h 1 2 3 4 5\nx A 10.0.0.256\ny FOO\n", extension: "zone")
        let mistakes = TestBlock.mistakes("file \(file.path) example.org")
        #expect(mistakes.count == 2)
        #expect(mistakes[0].contains("\(file.path):2: the data of A cannot be read"))
        #expect(mistakes[1].contains("\(file.path):3: 'FOO' is no record type"))
        try file.write("@ SOA ns h 1 2 3 4 5\nx NSEC3 1 1 12 aabb 2vptu5timamqttgl4luu9kg21e0aor3s A\n")
        #expect(
            TestBlock.mistakes("file \(file.path) example.org").first?
                .contains("\(file.path):2: NSEC3 is not supported; sign the zone with NSEC") == true)
    }

    @Test("takes a new version when the serial is another one, and keeps the last good one")
    func reloads() throws {
        let (block, file) = try block("reload 100ms")
        func text(_ serial: Int, _ host: String) -> String {
            Self.zone.replacing("h 5 2", with: "h \(serial) 2").replacing("10.0.0.2", with: host)
        }
        try file.write(text(4, "10.0.0.9"))
        #expect(try patiently { try answer(of: block) == ["www.example.org. 60 IN A 10.0.0.9"] })
        try file.write("@ SOA broken\n")
        var log: [String] = []
        let refusal = "failed to parse file \"\(file.path)\" for origin example.org. with error \(file.path):1: "
        #expect(
            patiently {
                log += block.logged()
                return log.contains { $0.contains(refusal) }
            })
        #expect(try answer(of: block) == ["www.example.org. 60 IN A 10.0.0.9"])
        // An unchanged serial is no new version.
        try file.write(text(4, "10.0.0.10"))
        try file.write(text(6, "10.0.0.11"))
        #expect(try patiently { try answer(of: block) == ["www.example.org. 60 IN A 10.0.0.11"] })
        log += block.finish()
        let loaded = "Successfully reloaded zone \"example.org.\" in \"\(file.path)\" with"
        #expect(log.filter { $0.contains(loaded) }.map { String($0.suffix(12)) } == ["4 SOA serial", "6 SOA serial"])
    }

    @Test("takes a new version with the old serial, where the file's time counts")
    func reloadsByTime() throws {
        let (block, file) = try block("reload 100ms\n reload_by_mtime")
        try file.write(Self.zone.replacing("10.0.0.2", with: "10.0.0.9"))
        #expect(try patiently { try answer(of: block) == ["www.example.org. 60 IN A 10.0.0.9"] })
    }

    @Test("is SERVFAIL until the file comes, and says so")
    func waitsForFile() throws {
        let file = try TemporaryFile(Self.zone, extension: "zone")
        file.remove()
        let block = try RunningBlock("file \(file.path) example.org {\n reload 1s\n}")
        #expect(try block.reply(to: TestQuery("www.example.org", .a)).responseCode == "SERVFAIL")
        let warning = "Failed to open \"open \(file.path): no such file or directory\": trying again in 1s"
        #expect(block.logged().contains { $0.hasSuffix(warning) })
        try file.write(Self.zone)
        #expect(try patiently { try answer(of: block) == ["www.example.org. 60 IN A 10.0.0.2"] })
    }

    private func answer(of block: RunningBlock) throws -> [String] {
        try block.reply(to: TestQuery("www.example.org", .a)).answer
    }
}
