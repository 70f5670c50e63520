import Corefile
import PluginKit
import Plugins
import Testing

@Suite("documents")
struct DocumentTests {
    @Test("list every plugin once, in the order in which queries meet them")
    func listPlugins() throws {
        let rows = try Document.plugins.lines.compactMap { $0.wholeMatch(of: #/\| \[`(\w+)`\]\(.*\) \| .+ \|/#)?.1 }
        #expect(rows.map(String.init) == Registry.kinds.map { $0.name })
    }

    @Test("lead from each plugin to its manual")
    func linkManuals() throws {
        for line in try Document.plugins.lines {
            guard let (_, word, path) = line.firstMatch(of: #/\| \[`(\w+)`\]\(\.\.\/\.\.\/([^)]*)\)/#)?.output else {
                continue
            }
            let source = try Document("Sources/\(path)").text
            #expect(Manual(source: source)?.word == String(word))
        }
    }

    @Test("list every word that is refused")
    func listRefused() throws {
        let text = try Document.plugins.text
        let section = try #require(text.split(separator: "## Refused").dropFirst().first)
        let words = section.split(separator: "\n").first { $0.hasPrefix("`") }?.matches(of: #/`(\w+)`/#) ?? []
        #expect(Set(words.map { String($0.1) }) == Registry.notBuilt)
    }

    @Test("tell what to do instead of every word that is refused")
    func adviseOnRefused() throws {
        let text = try Document("Sources/clusterdns/clusterdns.docc/Migrating.md").text
        let section = try #require(text.split(separator: "## What is refused").dropFirst().first)
        let table = section.split(separator: "\n").filter { $0.hasPrefix("| `") }
        let words = table.flatMap { $0.split(separator: "|")[0].matches(of: #/`(\w+)`/#) }.map { String($0.1) }
        #expect(Set(words) == Registry.notBuilt)
    }

    @Test("are found")
    func areFound() {
        #expect(Document.pages.count > 8)
        #expect(Document.pages.contains("Sources/clusterdns/clusterdns.docc/Operating.md"))
    }

    @Test("have Corefiles that can be served as they are", arguments: Document.pages)
    func haveGoodCorefiles(path: String) throws {
        let upstreams = try TemporaryFile("nameserver 192.0.2.53\n")
        for corefile in try Document(path).fences("corefile") {
            // A pod's surroundings, and files of others, are not there.
            let text = corefile.replacing(#/ {4,}(?:kubeconfig|snapshot) .*\n/#, with: "")
                .replacing("pods insecure", with: "pods insecure\n manifests cluster.yaml")
                .replacing("/etc/resolv.conf", with: upstreams.path)
            let (configuration, diagnostics) = load(text)
            #expect(diagnostics.rendered() == [])
            #expect(configuration != nil)
        }
    }
}

/// A page for readers.
private struct Document {
    let text: String

    var lines: [String] { text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }

    static let pages =
        ["README.md"]
        + DiskFiles().paths(in: root, matching: "Sources/*/*.docc/*.md").map { $0.replacing(root + "/", with: "") }

    static var plugins: Document {
        get throws { try Document("Sources/clusterdns/clusterdns.docc/Plugins.md") }
    }

    private static let root = #filePath.replacing("/Tests/PluginsTests/DocumentTests.swift", with: "")

    init(_ path: String) throws {
        text = String(decoding: try DiskFiles().read("\(Self.root)/\(path)"), as: UTF8.self)
    }

    func fences(_ name: String) -> [String] { Fences.texts(name, in: lines) }
}
