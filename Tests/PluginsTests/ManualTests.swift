import Corefile
import PluginKit
import Plugins
import Testing

@Suite("manuals")
struct ManualTests {
    @Test("there is one for every plugin of the registry, and no other")
    func coverRegistry() {
        #expect(Manual.all.map(\.word).sorted() == Registry.kinds.map { $0.name }.sorted())
    }

    @Test("name the word, and show its syntax and examples of it", arguments: Manual.all)
    func haveParts(manual: Manual) {
        #expect(manual.lines.first == "# \(manual.word)")
        #expect(manual.lines.contains("## Syntax"))
        #expect(manual.fences("").contains { $0.split(separator: " ").first?.hasPrefix(manual.word) == true })
        let examples = manual.fences("corefile")
        #expect(!examples.isEmpty)
        #expect(examples.contains { $0.split(whereSeparator: \.isWhitespace).contains(Substring(manual.word)) })
    }

    @Test("have examples that can be served as they are", arguments: Manual.all)
    func haveGoodExamples(manual: Manual) {
        for example in manual.fences("corefile") {
            let (configuration, diagnostics) = load(example)
            #expect(diagnostics.rendered() == [])
            #expect(configuration != nil)
        }
    }

    @Test("are read from a doc comment, fences apart from the rest")
    func readsSource() throws {
        let source = """
            import PluginKit

            /// Not the manual.
            struct Other {}

            /// # nosuch
            ///
            /// ```
            /// nosuch FLAG
            /// ```
            /// ```corefile
            /// . {
            ///     nosuch
            /// }
            /// ```
            enum NosuchKind: PluginKind {
                static let name = "nosuch"
            }
            """
        let manual = try #require(Manual(source: source))
        #expect(manual.word == "nosuch")
        #expect(manual.lines.first == "# nosuch")
        #expect(manual.fences("") == ["nosuch FLAG\n"])
        #expect(manual.fences("corefile") == [". {\n    nosuch\n}\n"])
        #expect(load(manual.fences("corefile")[0]).diagnostics.hasErrors)
        #expect(Manual(source: "struct Other {}") == nil)
    }
}
