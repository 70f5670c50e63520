import Testing

@Suite("the house")
struct TidyTests {
    /// More than this is not read anyway.
    private static let shownMax = 20

    @Test("is in order", arguments: Rule.all)
    func keeps(rule: Rule) {
        let found = rule.violations(.project)
        for violation in found.prefix(Self.shownMax) {
            Issue.record("\(violation): \(rule.sentence)", sourceLocation: violation.location)
        }
        if found.count > Self.shownMax { Issue.record("\(found.count - Self.shownMax) more: \(rule.sentence)") }
    }

    @Test("would be noticed if it were not", arguments: Rule.all)
    func notices(rule: Rule) {
        #expect(rule.violations(SourceTree(rule.sample)).map(\.place).sorted() == rule.found.sorted())
        #expect(!rule.found.isEmpty)
    }

    @Test("is looked at as a whole")
    func readsProject() {
        let tree = SourceTree.project
        #expect(tree.topLevel.contains("Package.swift"))
        #expect(tree.file("Tests/TidyTests/TidyTests.swift") != nil)
        #expect(tree.files.filter { $0.path.hasPrefix("Sources/") && $0.kind == "swift" }.count > 100)
    }
}
