import Testing

@Suite("code without comments and strings")
struct SwiftCodeTests {
    @Test(
        "keeps the code and the lines",
        arguments: [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d\n */ e", "a               \n    e"),
            ("f(\"x // y\") + 1", "f(\"      \") + 1"),
            (#"f("a\"b", c)"#, #"f("    ", c)"#),
            (##"f(#"a"b\"#, c)"##, ##"f(#"    "#, c)"##),
            (#"f("a\(g("b") + (c))d", e)"#, #"f("                 ", e)"#),
            ("f(\"\"\"\n  a \"b\" // c\n  \"\"\")", "f(\"\"\"\n            \n  \"\"\")"),
            ("m(#/\"[^\"]/#, b)", "m(         , b)"),
            ("#if a\n#expect(b)", "#if a\n#expect(b)"),
        ])
    func blanks(source: String, code: String) {
        #expect(SwiftCode(source).lines.joined(separator: "\n") == code)
    }

    @Test(
        "counts the lines of functions",
        arguments: [
            ("func a() {}", [1]), ("func a() {\n}\n", [2]), ("protocol P {\n    func a()\n    init(b: Int)\n}", []),
            ("struct S {\n    init?() {\n        self.init(1)\n    }\n    deinit {}\n}", [3, 1]),
            ("func a(\n    b: () -> Void = {}\n) throws(E)\n    -> Int\n{\n    1\n}", [7]),
            ("func a<T>()\nwhere T: P {\n    func b() {\n    }\n}", [5, 2]),
            ("subscript(a: Int) -> Int {\n    get { 1 }\n}\nlet x = S.init(1)", [3]),
            ("func a() {\n    let b = \"}\"  // }\n}", [3]),
        ])
    func measures(source: String, lengths: [Int]) {
        #expect(SwiftCode(source).functions.map(\.lineCount) == lengths)
    }
}
