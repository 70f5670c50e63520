import DNSMessage
import Glibc
import PluginKit
import Testing
import TestSupport

/// What `reload` does in the process (section D; rows 15 and 16 of the deviations).
@Suite struct AutomaticReloadTests {
    private static func corefile(_ version: String, _ more: String = "") -> String {
        "bind {\n    chaos \(version)\n    reload 2s 0s\n    \(more)\n}\n"
    }

    private func start(
        _ files: [String: String], conf: String = "Corefile", input: String = "", shell: String = "true"
    ) throws -> (Program, SocketAddress) {
        let port = FreePorts.take()
        let program = try Program(
            ["-conf", conf, "-dns.port", "\(port)"], files: files, input: input, shell: shell)
        try #require(program.waitForOutput(containing: "linux/"), "\(program.errors)")
        return (program, .loopback(port))
    }

    /// Whether the version comes to be served.
    private func serves(_ version: String, _ address: SocketAddress) throws -> Bool {
        try patiently(every: .milliseconds(50)) {
            try UDPClient(to: address).ask("version.bind. TXT CH").answer
                == ["version.bind. 0 CH TXT \"\(version)\""]
        }
    }

    @Test("goes over to a Corefile that was written, and to what it imports")
    func reloads() throws {
        let (program, address) = try start([
            "Corefile": Self.corefile("one", "import more.conf"), "more.conf": "whoami\n",
        ])
        try program.write(Self.corefile("two", "import more.conf"), to: "Corefile")
        #expect(try serves("two", address))
        #expect(try UDPClient(to: address).ask("a.bind. A").code == .noError)
        try program.write("any\n", to: "more.conf")
        #expect(
            try patiently(every: .milliseconds(50)) {
                try UDPClient(to: address).ask("a.bind. A").code == .servFail
            })
        #expect(logs(3, "Running configuration SHA512 = ", program))
        #expect(logs(2, "[INFO] Reloading complete", program))
    }

    @Test("notices the swap of a ConfigMap's directory")
    func noticesSwaps() throws {
        let shell = """
            mkdir one two && printf 'bind {\\nchaos one\\nreload 2s 0s\\n}\\n' > one/Corefile \
            && printf 'bind {\\nchaos two\\nreload 2s 0s\\n}\\n' > two/Corefile \
            && ln -s one ..data && ln -s ..data/Corefile Corefile
            """
        let (program, address) = try start([:], shell: shell)
        #expect(try serves("one", address))
        symlink("two", "\(program.directory)/..next")
        rename("\(program.directory)/..next", "\(program.directory)/..data")
        #expect(try serves("two", address))
        for name in ["one", "two"] {
            unlink("\(program.directory)/\(name)/Corefile")
            rmdir("\(program.directory)/\(name)")
        }
    }

    @Test("keeps the last good configuration, whatever is written, and takes the next good one, SIGUSR1 or not")
    func keepsTheLastGood() throws {
        let (program, address) = try start(["Corefile": Self.corefile("one")])
        try program.write(Self.corefile("two", "hosts {\n ttl 0\n }"), to: "Corefile")
        #expect(
            program.waitForOutput(containing: "[ERROR] plugin/reload: Corefile changed but reload failed: Corefile:5"))
        try program.write("bind {\n", to: "Corefile")
        #expect(program.waitForOutput(containing: "[WARNING] plugin/reload: Corefile parse failed: Corefile:"))
        try program.write("", to: "Corefile")
        #expect(program.waitForOutput(containing: "[WARNING] plugin/reload: the Corefile is empty"))
        program.remove("Corefile")
        #expect(try serves("one", address))
        try program.write(Self.corefile("three"), to: "Corefile")
        #expect(try serves("three", address))
        try program.write("# a comment changes nothing\n" + Self.corefile("three"), to: "Corefile")
        program.send(SIGUSR1)
        #expect(logs(2, "[INFO] Reloading complete", program))
        try program.write(Self.corefile("four"), to: "Corefile")
        #expect(try serves("four", address))
        #expect(logs(3, "[INFO] Reloading complete", program))
    }

    /// Waits for so many lines of a reload: sockets answer a moment before they are written.
    private func logs(_ count: Int, _ text: String, _ program: Program) -> Bool {
        patiently { program.output.filter { $0.contains(text) }.count == count }
    }

    @Test("says that standard input cannot change, and still looks after what it imports")
    func readsStandardInput() throws {
        let (program, address) = try start(
            ["more.conf": "chaos one\n"], conf: "stdin", input: "bind {\nreload 2s 0s\nimport more.conf\n}\n")
        #expect(
            program.waitForOutput(containing: "[WARNING] plugin/reload: a Corefile on standard input cannot change"))
        try program.write("chaos two\n", to: "more.conf")
        #expect(try serves("two", address))
    }

    @Test("refuses a port that another server has, unless multisocket says that it may be shared")
    func sharesPorts() throws {
        let (first, address) = try start(["Corefile": "bind {\n    chaos one\n    multisocket\n}\n"])
        let second = try Program(
            ["-dns.port", "\(address.port)"], files: ["Corefile": "bind {\n    chaos two\n}\n"])
        let outcome = second.finish()
        #expect(outcome.code == 1)
        #expect(outcome.errors.first?.hasSuffix("another server has port \(address.port)") == true)
        let third = try Program(
            ["-dns.port", "\(address.port)"], files: ["Corefile": "bind {\n    chaos two\n    multisocket 1\n}\n"])
        #expect(third.waitForOutput(containing: "linux/"))
        withExtendedLifetime(first) {}
    }
}
