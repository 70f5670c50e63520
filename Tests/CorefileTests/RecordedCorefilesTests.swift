import Corefile
import Testing

/// Corefiles that CoreDNS 1.14.7 was recorded with.
@Suite struct RecordedCorefilesTests {
    private static func parsed(_ folder: String) throws -> (corefile: Corefile, diagnostics: Diagnostics) {
        let text = try #require(Fixture.text("\(folder)/Corefile"))
        return Corefile.parse(
            text: text, file: Fixture.path("\(folder)/Corefile"),
            environment: Fixture.environment(Fixture.lines("\(folder)/env")))
    }

    @Test("parses what CoreDNS serves without a word", arguments: Fixture.names(in: "recorded"))
    func parses(name: String) throws {
        var (corefile, diagnostics) = try Self.parsed("recorded/\(name)")
        corefile.reportOverlaps(defaultPort: 53, &diagnostics)
        #expect(diagnostics.rendered() == [])
        #expect(!corefile.blocks.isEmpty)
    }

    @Test(
        "serves the zones that CoreDNS printed at its start",
        arguments: Fixture.names(in: "recorded").filter { Fixture.text("recorded/\($0)/zones.txt") != nil })
    func zones(name: String) throws {
        var lines: [String] = []
        for block in try Self.parsed("recorded/\(name)").corefile.blocks {
            let addresses = Corefile.boundAddresses(of: block)
            for key in block.keys {
                let scheme = key.scheme == .dns ? "" : "\(key.scheme.rawValue)://"
                let port = key.port ?? key.scheme.defaultPort(dns: 53)
                for zone in key.zones {
                    let line = "\(scheme)\(zone):\(port)"
                    lines += addresses.isEmpty ? [line] : addresses.map { "\(line) on \($0)" }
                }
            }
        }
        #expect(lines.sorted() == Fixture.lines("recorded/\(name)/zones.txt").sorted())
    }

    /// CoreDNS stops at the first mistake; the line and the words of that one are here.
    private static let syntaxErrors: [String: (line: Int, words: String)] = [
        "extra-comma": (1, "Expected another address but had '{' - check for extra comma"),
        "import-missing": (2, "File to import not found: nope"),
        "missing-brace": (4, "Unknown directive 'example.org:5300'"),
        "one-line-block": (1, "Unexpected '}' because no matching opening brace"),
        "port-too-large": (1, "address 99999: invalid port"),
        "quote-open": (2, "quote opened here is never closed"),
        "snippet-twice": (4, "redeclaration of previously declared snippet a"),
        "unknown-directive": (3, "Unknown directive 'nosuch'"),
        "zone-twice": (4, "cannot serve dns://example.org.:5300 - it is already defined"),
    ]

    @Test(
        "reports what CoreDNS reports, and leaves the plugins' options to them", arguments: Fixture.names(in: "failing")
    )
    func fails(name: String) throws {
        let text = try #require(Fixture.text("failing/\(name)/Corefile"))
        var (corefile, diagnostics) = parse(text, directives: Self.coreDNSDirectives)
        corefile.reportOverlaps(defaultPort: 53, &diagnostics)
        guard let expected = Self.syntaxErrors[name] else {
            #expect(diagnostics.rendered() == [])
            return
        }
        let error = try #require(diagnostics.sorted.first)
        #expect(diagnostics.hasErrors)
        #expect(error.position.line == expected.line)
        #expect(error.message.contains(expected.words))
    }

    private static var coreDNSDirectives: DirectiveNames {
        DirectiveNames(known: testDirectives.known.union(["tls"]))
    }
}
