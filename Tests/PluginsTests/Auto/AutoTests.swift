import DNSMessage
import Glibc
import Patterns
import TestSupport
import Testing

@testable import Plugins

@Suite("auto")
struct AutoTests {
    private static func zone(_ serial: Int, _ address: String) -> String {
        "$TTL 60\n@ SOA ns h \(serial) 2 3 4 5\n@ NS ns\nwww A \(address)\n"
    }

    @Test(
        "finds the zone in a file's name",
        arguments: [
            (#"db\.(.*)"#, "{1}", "db.example.org", "example.org."), (#"db\.(.*)"#, "{1}", "xdb.a.b", "a.b."),
            (#"db\.(.*)"#, "{1}", "zone.example.org", nil),
            (#"(.*)\.(.*)\.zone"#, "{2}.{1}.test", "a.b.zone", "b.a.test."),
            (#"(.*)"#, "{1}{9}", "a", "a{9}."), (#"db\.(.*)"#, "{1}", "db.", nil),
            (#"db\.(.*)"#, "{1}", "db.a..b", nil),
        ] as [(String, String, String, String?)])
    func names(_ pattern: String, _ template: String, _ file: String, _ zone: String?) throws {
        let directory = ZoneDirectory(path: ".", pattern: try GoPattern(pattern), template: template)
        #expect(directory.zone(named: file)?.description == zone)
    }

    @Test("lets zones appear, change and go")
    func follows() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Self.zone(1, "10.0.0.1").utf8, to: "db.a.org")
        try directory.write("@ SOA\n".utf8, to: "db.broken.org")
        let block = try RunningBlock("auto org {\n directory \(directory.path)\n reload 100ms\n}")
        #expect(try answer(block, "www.a.org", .a) == ["www.a.org. 60 IN A 10.0.0.1"])
        #expect(try code(block, "www.b.org", .a) == .refused)
        #expect(try code(block, "www.broken.org", .a) == .refused)
        try directory.write(Self.zone(1, "10.0.0.2").utf8, to: "db.b.org")
        #expect(try patiently { try answer(block, "www.b.org", .a) == ["www.b.org. 60 IN A 10.0.0.2"] })
        try directory.write(Self.zone(2, "10.0.0.11").utf8, to: "db.a.org")
        #expect(try patiently { try answer(block, "www.a.org", .a) == ["www.a.org. 60 IN A 10.0.0.11"] })
        #expect(remove("\(directory.path)/db.b.org") == 0)
        #expect(try patiently { try code(block, "www.b.org", .a) == .refused })
        try directory.write(Self.zone(1, "10.0.0.3").utf8, to: "db.broken.org")
        #expect(try patiently { try code(block, "www.broken.org", .a) == .noError })
        let log = block.finish()
        #expect(log.contains { $0.hasSuffix("Inserting zone `a.org.' from: \(directory.path)/db.a.org") })
        #expect(log.contains { $0.hasSuffix("Deleting zone `b.org.'") })
        #expect(log.contains { $0.contains("Parse zone `broken.org.': \(directory.path)/db.broken.org:1: ") })
    }

    @Test("sees each file of a ConfigMap volume once")
    func configMaps() throws {
        let directory = try TemporaryDirectory()
        let data = "\(directory.path)/..2026_11_21"
        #expect(mkdir(data, 0o755) == 0)
        try directory.write(Self.zone(1, "10.0.0.1").utf8, to: "..2026_11_21/db.a.org")
        #expect(symlink("..2026_11_21", "\(directory.path)/..data") == 0)
        #expect(symlink("..data/db.a.org", "\(directory.path)/db.a.org") == 0)
        let zones = ZoneDirectory(path: directory.path, pattern: try GoPattern(#"db\.(.*)"#), template: "{1}")
        #expect(zones.files().map(\.path) == ["\(directory.path)/db.a.org"])
        let block = try RunningBlock("auto org {\n directory \(directory.path)\n}")
        #expect(try answer(block, "www.a.org", .a) == ["www.a.org. 60 IN A 10.0.0.1"])
    }

    @Test(
        "says what is wrong with its lines",
        arguments: [
            ("auto {\n directory\n}", "'directory'"), ("auto {\n directory . db\n}", "a pattern needs a template"),
            ("auto {\n directory . db( {1}\n}", "'db(' is no regular expression"),
            ("auto {\n fallthrough\n}", "unknown property 'fallthrough'"), ("auto\nauto", "only be used once"),
        ])
    func mistakes(_ lines: String, _ message: String) {
        #expect(TestBlock.mistakes(lines).contains { $0.contains(message) })
    }

    private func answer(_ block: RunningBlock, _ name: Name, _ type: RecordType) throws -> [String] {
        try block.reply(to: TestQuery(name, type)).answer
    }

    private func code(_ block: RunningBlock, _ name: Name, _ type: RecordType) throws -> ResponseCode {
        try block.reply(to: TestQuery(name, type)).reply.code
    }
}
