import DNSMessage
import PluginKit
import Plugins
import TestSupport
import Testing

/// The executable's flags, output and exit codes (sections C and E).
@Suite struct CommandLineTests {
    private static let corefile = "example {\n    whoami\n}\n"

    @Test("prints two lines for its version", arguments: ["-version", "--version"])
    func printsItsVersion(flag: String) throws {
        let outcome = try Program([flag]).finish()
        #expect(outcome.code == 0)
        #expect(outcome.output.count == 2)
        #expect(outcome.output.first?.hasPrefix("clusterdns-") == true)
        #expect(outcome.output.last?.hasPrefix("linux/") == true)
        #expect(outcome.errors.isEmpty)
    }

    @Test("lists its plugins by name, one a line", arguments: ["-plugins", "--plugins"])
    func listsItsPlugins(flag: String) throws {
        let outcome = try Program([flag]).finish()
        #expect(outcome.code == 0)
        #expect(outcome.output == Registry.kinds.map { $0.name }.sorted())
        #expect(outcome.output.contains("whoami"))
    }

    @Test("explains itself when asked", arguments: ["-h", "-help", "--help", "--h"])
    func explainsItself(flag: String) throws {
        let outcome = try Program([flag]).finish()
        #expect(outcome.code == 0)
        let text = (outcome.output + outcome.errors).joined(separator: "\n")
        for flag in ["-conf", "-dns.port", "-pidfile", "-plugins", "-quiet", "-version"] {
            #expect(text.contains(flag))
        }
    }

    @Test(
        "shows the usage on standard error when a flag is wrong, and exits with 2",
        arguments: [["-nosuch"], ["--nosuch"], ["-conf"], ["-dns.port", "many"], ["-dns.port", "65536"], ["-p"]])
    func refusesFlags(arguments: [String]) throws {
        let outcome = try Program(arguments).finish()
        #expect(outcome.code == 2)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.first?.isEmpty == false)
        #expect(outcome.errors.contains { $0.lowercased().contains("usage") })
    }

    @Test("refuses words that belong to no flag, and exits with 1", arguments: [["serve"], ["-quiet", "a", "b"]])
    func refusesExtraWords(arguments: [String]) throws {
        let outcome = try Program(arguments, files: ["Corefile": Self.corefile]).finish()
        #expect(outcome.code == 1)
        #expect(outcome.output.isEmpty)
        let words = arguments.filter { !$0.hasPrefix("-") }.joined(separator: " ")
        #expect(outcome.errors == ["extra command line arguments: [\(words)]"])
    }

    @Test("says which file is missing, and exits with 1", arguments: ["nosuch", "/nosuch/Corefile"])
    func missesItsFile(path: String) throws {
        let outcome = try Program(["-conf", path]).finish()
        #expect(outcome.code == 1)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors == ["loading Corefile via flag: open \(path): no such file or directory"])
    }

    @Test("reports every mistake in a Corefile at once, and exits with 1")
    func reportsMistakes() throws {
        let text = "example {\n    whoamy\n    bufsize 5\n}\nexample {\n    whoami\n}\n"
        let outcome = try Program(["-conf", "Corefile"], files: ["Corefile": text]).finish()
        #expect(outcome.code == 1)
        #expect(outcome.output.isEmpty)
        for place in ["Corefile:2:5: error: ", "Corefile:3:13: error: ", "Corefile:5:1: error: "] {
            #expect(outcome.errors.contains { $0.hasPrefix(place) }, "\(place)")
        }
        #expect(outcome.errors.contains("did you mean 'whoami'?"))
    }

    static let spellings: [(String, [String])] = [
        ("-dns.port", ["-dns.port", "PORT"]), ("--dns.port", ["--dns.port", "PORT"]),
        ("-dns.port=", ["-dns.port=PORT"]), ("--dns.port=", ["--dns.port=PORT"]), ("-p", ["-p", "PORT"]),
        ("--p", ["--p", "PORT"]), ("-p=", ["-p=PORT"]), ("--p=", ["--p=PORT"]),
    ]

    @Test("takes the port of keys without one in every spelling", arguments: spellings)
    func takesThePort(name: String, arguments: [String]) throws {
        let port = FreePorts.take()
        let words = arguments.map { $0 == "PORT" ? "\(port)" : $0.hasSuffix("=PORT") ? $0.dropLast(4) + "\(port)" : $0 }
        let program = try Program(words, files: ["Corefile": Self.corefile])
        try #require(program.waitForOutput(containing: "linux/"), "\(program.errors)")
        #expect(program.output.first == "example.:\(port)")
        #expect(try UDPClient(to: .loopback(port)).ask("x.example. A").header == "NOERROR qr,aa,rd")
    }

    static let sources: [(String, [String], [String: String], String)] = [
        ("a file", ["-conf", "my.conf"], ["my.conf": corefile], ""),
        ("a file with two dashes", ["--conf", "my.conf"], ["my.conf": corefile], ""),
        ("a file behind an equals sign", ["-conf=my.conf"], ["my.conf": corefile], ""),
        ("./Corefile without a flag", [], ["Corefile": corefile], ""),
        ("standard input", ["-conf", "stdin"], ["stdin.conf": ""], corefile),
    ]

    @Test("reads its configuration from where it is told", arguments: sources)
    func readsItsConfiguration(
        name: String, arguments: [String], files: [String: String], input: String
    ) throws {
        let port = FreePorts.take()
        let program = try Program(arguments + ["-dns.port", "\(port)"], files: files, input: input)
        try #require(program.waitForOutput(containing: "linux/"), "\(program.errors)")
        #expect(try UDPClient(to: .loopback(port)).ask("x.example. A").additional.count == 2)
        #expect(try UDPClient(to: .loopback(port)).ask("elsewhere. A").code == .refused)
    }

    static let nothings: [(String, [String], [String: String])] = [
        ("without a Corefile", [], [:]), ("with an empty one", ["-conf", "Corefile"], ["Corefile": ""]),
        ("with nothing but a comment", [], ["Corefile": "# nothing\n\n"]),
        ("with nothing on standard input", ["-conf", "stdin"], [:]),
    ]

    @Test("serves whoami and log on the default port", arguments: nothings)
    func servesTheBuiltIn(name: String, arguments: [String], files: [String: String]) throws {
        let port = FreePorts.take()
        let program = try Program(arguments + ["-dns.port", "\(port)"], files: files)
        try #require(program.waitForOutput(containing: "linux/"), "\(program.errors)")
        #expect(program.output.first == ".:\(port)")
        let client = try UDPClient(to: .loopback(port))
        let reply = try client.ask("some.example. A id=77")
        #expect(reply.additional.first == "some.example. 0 IN A 127.0.0.1")
        let line = "[INFO] \(client.localAddress.port) - 77"
        #expect(
            program.waitForOutput(containing: " - 77 \"A IN some.example. udp 30 false 512\" NOERROR qr,aa,rd "),
            "\(line)")
    }

    @Test("prints its listeners and its version, or nothing when it is to be quiet", arguments: [false, true])
    func printsStartLines(isQuiet: Bool) throws {
        let port = FreePorts.take()
        let pidfile = ["-pidfile", "pid"]
        let program = try Program(
            ["-dns.port", "\(port)"] + pidfile + (isQuiet ? ["-quiet"] : []), files: ["Corefile": Self.corefile])
        #expect(patiently { program.content(of: "pid")?.isEmpty == false })
        _ = try UDPClient(to: .loopback(port)).ask("x.example. A")
        program.send(15)
        let outcome = program.finish()
        #expect(outcome.code == 0)
        #expect(outcome.errors.isEmpty)
        let lines = outcome.output.filter { !$0.hasPrefix("[") }
        if isQuiet { #expect(lines.isEmpty) } else { #expect(lines.first == "example.:\(port)" && lines.count == 3) }
    }

    @Test("says in one sentence that a port is taken, and exits with 1")
    func findsThePortTaken() throws {
        let server = try TestServer(". {\n fixture\n}")
        let outcome = try Program(
            ["-dns.port", "\(server.port)", "-pidfile", "pid"], files: ["Corefile": Self.corefile, "pid": "old"])
        let end = outcome.finish()
        #expect(end.code == 1)
        #expect(end.output.isEmpty)
        #expect(
            end.errors == [
                "Listen: listen tcp :\(server.port): bind: address already in use: "
                    + "another server has port \(server.port)"
            ])
        // The file tells of the server that runs, and stays.
        #expect(outcome.content(of: "pid") == "old")
    }
}
