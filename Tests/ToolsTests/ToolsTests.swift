import TestSupport
import Testing

@testable import Tools

/// The commands beside the server.
@Suite struct ToolsTests {
    @Test("a word that names no command is the server's")
    func unknown() {
        #expect(Tools.command("-conf") == nil)
    }

    @Test("the program's help has a line for each command", arguments: [["--help"], ["help"], ["-h"]])
    func overview(arguments: [String]) throws {
        let outcome = try Program(arguments).finish()
        #expect(outcome.code == 0)
        for name in Tools.names {
            #expect(outcome.output.contains { $0.hasPrefix("  \(name) ") && $0.hasSuffix(".") })
        }
    }

    @Test("each command explains itself", arguments: Tools.names)
    func explains(name: String) throws {
        for arguments in [["help", name], [name, "--help"], [name, "-h"]] {
            let outcome = try Program(arguments).finish()
            #expect(outcome.code == 0)
            #expect(outcome.output.contains { $0.hasPrefix("USAGE: clusterdns \(name) ") })
            #expect(outcome.output.allSatisfy { $0.count <= 80 || $0.hasPrefix("USAGE") })
        }
    }

    @Test("help about a command that does not exist lists those that do")
    func helpless() throws {
        let outcome = try Program(["help", "nosuch"]).finish()
        #expect(outcome.code == 2)
        #expect(outcome.errors.first == "there is no command 'nosuch'")
        #expect(outcome.errors.contains { $0.hasPrefix("  check ") })
    }

    @Test("a wrong command line ends with 2", arguments: [["check", "--nosuch"], ["top", "--interval", "0"]])
    func usage(arguments: [String]) throws {
        let outcome = try Program(arguments).finish()
        #expect(outcome.code == 2)
        #expect(outcome.errors.contains { $0.hasPrefix("Usage: clusterdns \(arguments[0]) ") })
    }
}
