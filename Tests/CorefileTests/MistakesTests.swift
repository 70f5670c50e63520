import Corefile
import Testing

@Suite struct MistakesTests {
    /// Each file has a Corefile, perhaps files to import and an environment, and what we say, to the letter.
    @Test("says about every mistake exactly this", arguments: Fixture.names(in: "mistakes"))
    func says(name: String) throws {
        let sections = Self.sections(try #require(Fixture.text("mistakes/\(name)")))
        let lines = (sections["environment"] ?? "").split(separator: "\n").map(String.init)
        var (corefile, diagnostics) = Corefile.parse(
            text: try #require(sections["Corefile"]), file: "Corefile", environment: Fixture.environment(lines),
            files: TableFiles(texts: sections), directives: testDirectives)
        corefile.reportOverlaps(defaultPort: 53, &diagnostics)
        let said = diagnostics.rendered().map { $0 + "\n" }.joined()
        #expect(said == sections["says"])
        #expect(!said.isEmpty)
    }

    @Test("finds the files of this table")
    func findsFixtures() {
        #expect(Fixture.names(in: "mistakes").count >= 40)
    }

    /// Sections begin with a line of three dashes and a name.
    private static func sections(_ text: String) -> [String: String] {
        var sections: [String: String] = [:]
        var name = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            if line.hasPrefix("--- ") {
                name = String(line.dropFirst(4))
                sections[name] = ""
            } else {
                sections[name, default: ""] += line + "\n"
            }
        }
        return sections
    }
}
