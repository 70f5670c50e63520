import DNSMessage
import Patterns
@testable import Plugins
import Testing

@Suite("rewrite looks for rules")
struct NameFilterTests {
    private static let names = [
        ".", "com.", "a.b.", "x.example.", "example.", "web.int.example.", "ab.int.example.", "aint.example.",
        "int.example.", "x.mid.example.", "xinner.", "x.inner.test.", "half-.foo.", "half-foo.", "pre.foo.example.",
        "pre.", "c1.example.org.", "two-ab-cd.example.", "x.re.example.", "xre.example.", "a\\.re.example.",
        "x\\.re\\.example.test.", "a\\032b.int.example.", "a\\064re.example.", "\\200.re.example.", "web-1.re.example.",
        "1.0.0.127.in-addr.arpa.", "WEB.Int.Example.", "kubernetes.default.svc.cluster.local.",
        String(repeating: "abcdefgh.", count: 28), String(repeating: "a.", count: 127),
    ]

    private static func patterns() throws -> [NamePattern] {
        let expressions = [
            #"(.*)\.re\.example"#, #"^c1\.(.*)\.$"#, "^[a-z]+[.]$", ".*", #"^two-([a-z]+)-([a-z]+)\.example\.$"#, "a|b",
            #"x\\\.re"#, #"032b"#, #"(?i)WEB"#, #"\d+\.in-addr"#, "^[.]$", "(abcdefgh.){3}", #"\\200\.re"#,
        ]
        var patterns: [NamePattern] = try expressions.map { .regex(try GoPattern($0)) }
        patterns += [".mid.", "inner.", ".", "e", "\\.re", "x\\.re\\.", "-1.", "a.a.a."].map { .substring($0) }
        patterns += [
            ".int.example.", "int.example.", "b.int.example.", "e.", ".cluster.local.", "a.a.a.a.a.", ".b.",
        ].map { NameSuffix.literal($0) }.map { .suffix($0) }
        let names: [Name] = [
            "half-.", "pre.", "x.", "web.int.example.", "com.", "kubernetes.default.svc.cluster.local.", "a.b.",
        ]
        return patterns + names.map { .prefix($0) } + names.map { .exact($0) } + [.exact(.root)]
    }

    private func passes(_ filter: NameFilter, _ name: NameView) -> Bool {
        withUnsafePointer(to: filter) { NameFilter.passes($0, name) }
    }

    @Test("by bytes, and finds those that match the name's text")
    func findsAll() throws {
        var scratch = NameScratch()
        for pattern in try Self.patterns() {
            let (filter, test) = (NameFilter(pattern), NameTest(pattern))
            defer {
                filter.deallocate()
                test.deallocate()
            }
            let replacement = NameReplacement(pattern: pattern, target: ReplacementText("x."))
            let wrong = try Self.names.filter { text in
                let name = try Name(text)
                let isFound = passes(filter, scratch.read(name)) && test.matches(scratch.read(name))
                return isFound != (replacement.apply(name.folded.description) != nil)
            }
            #expect(wrong == [], "\(pattern)")
        }
    }

    @Test("without reading a name as text that has none of the bytes they need")
    func passesOver() throws {
        var scratch = NameScratch()
        let rules: [NamePattern] = [
            .regex(try GoPattern(#"(.*)\.coredns\.rocks"#)), .regex(try GoPattern(#"(.*)\.old\.svc\.cluster\.local"#)),
            .substring(".staging."), .exact("old.shop.example."),
            .suffix(NameSuffix.literal(".svc.old.local.")), .prefix("legacy."),
        ]
        for rule in rules {
            let filter = NameFilter(rule)
            defer { filter.deallocate() }
            #expect(!passes(filter, scratch.read("web.shop.svc.cluster.local.")), "\(rule)")
        }
    }
}

extension NameSuffix {
    fileprivate static func literal(_ text: String) -> NameSuffix {
        do {
            return try NameSuffix(text)
        } catch {
            preconditionFailure("\(text): \(error)")
        }
    }
}
