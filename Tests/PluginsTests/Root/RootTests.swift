import PluginKit
import Testing

@Suite("root")
struct RootTests {
    @Test("is where relative paths start")
    func setsDirectory() throws {
        #expect(try TestBlock("root /").options.root == "/")
        #expect(try TestBlock("whoami").options.root == "")
    }

    @Test(
        "reports what is wrong with a directory, and lets one that does not exist pass",
        arguments: [
            ("root", "2:1 error: Wrong argument count or unexpected line ending after 'root'"),
            ("root / /", "2:8 error: Wrong argument count or unexpected line ending after '/'"),
            ("root /no/such/directory", "2:6 warning: root path does not exist: '/no/such/directory'"),
            ("root /dev/null", "2:6 warning: root path is no directory: '/dev/null'"),
            ("root /dev/null/x", "2:6 error: unable to access root path '/dev/null/x': Not a directory"),
            ("root /\nroot /", "3:1 error: 'root' can only be used once per server block"),
            ("root / {\n}", "2:1 error: 'root' takes no block in braces"),
        ])
    func reportsMistakes(lines: String, mistake: String) {
        #expect(TestBlock.mistakes(lines) == [mistake])
    }
}
