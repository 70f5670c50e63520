import Testing

@testable import Tools

@Suite struct ToolsTests {
    @Test("a word that names no command is the server's")
    func unknown() {
        #expect(Tools.command("-conf") == nil)
    }
}
