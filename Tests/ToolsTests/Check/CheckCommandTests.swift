import DNSMessage
import Glibc
import TestSupport
import Testing

/// The real program, checking Corefiles.
@Suite("clusterdns check") struct CheckCommandTests {
    @Test("shows the order in which queries meet plugins, with the line of each")
    func order() throws {
        let text = """
            .:5300 example.org {
                cache 30
                errors
                health
                forward . 192.0.2.1 {
                    max_concurrent 10
                }
                hosts {
                    192.0.2.2 a.example.org
                    fallthrough
                }
            }

            """
        let outcome = try Program(["check"], files: ["Corefile": text]).finish()
        #expect(outcome.code == 0)
        #expect(outcome.errors.isEmpty)
        #expect(
            outcome.output == [
                ".:5300 example.org   (Corefile:1:1)", "  listens on: dns://:5300, dns://:53",
                "  queries meet, in this order:", "     1  errors                Corefile:3:5",
                "     2  cache 30              Corefile:2:5", "     3  hosts                 Corefile:8:5",
                "     4  forward . 192.0.2.1   Corefile:5:5", "  queries do not meet:",
                "        health                Corefile:4:5", "",
                "Corefile is good: 1 server block, no warnings",
            ])
    }

    @Test("finds nothing wrong with kubeadm's Corefile, on a machine that is no pod")
    func kubeadm() throws {
        let path = "\(Fixtures.project)/Tests/Scenarios/recorded/kubeadm-verbatim/Corefile"
        let recorded = try Fixtures.content(path)
        let text = recorded.replacing("/etc/resolv.conf", with: "upstreams")
        let files = ["Corefile": text, "upstreams": "nameserver 192.0.2.53\n"]
        let outcome = try Program(["check", "--strict", "Corefile"], files: files).finish()
        #expect(outcome.code == 0)
        #expect(outcome.errors == [])
        #expect(outcome.output.last == "Corefile is good: 1 server block, no warnings")
        #expect(outcome.output.contains { $0.hasPrefix("     7  forward . upstreams ") })
    }

    @Test("tells every mistake with its place on standard error, and exits with 1")
    func mistakes() throws {
        let text = ". {\n    whoamy\n    cache x y {\n        foo\n    }\n}\n"
        let outcome = try Program(["check", "-"], input: text).finish()
        #expect(outcome.code == 1)
        #expect(outcome.errors.contains("stdin:2:5: error: Unknown directive 'whoamy'"))
        #expect(outcome.errors.contains("stdin:4:9: error: unknown property 'foo'"))
        #expect(outcome.output == ["stdin cannot be served: 2 mistakes, no warnings"])
    }

    @Test("exits with 1 for warnings only when it is strict")
    func strict() throws {
        let files = ["Corefile": "a.test {\n    whoami\n    loop\n}\n"]
        let lenient = try Program(["check", "--quiet"], files: files).finish()
        #expect(lenient.code == 0)
        #expect(lenient.output.isEmpty)
        #expect(lenient.errors.first?.hasPrefix("Corefile:3:5: warning: 'loop' has nothing to watch") == true)
        #expect(try Program(["check", "--strict"], files: files).finish().code == 1)
    }

    @Test("says everything as JSON")
    func json() throws {
        let files = ["Corefile": "a.test {\n    whoami\n    loop\n}\n"]
        let outcome = try Program(["check", "--json", "-dns.port", "1053"], files: files).finish()
        #expect(outcome.code == 0)
        #expect(outcome.errors.isEmpty)
        #expect(outcome.output.first == "{")
        for line in [
            "  \"good\": true,", "      \"line\": 3,", "      \"listeners\": [\"dns://:1053\"],",
            "          \"text\": \"whoami\",",
        ] { #expect(outcome.output.contains(line), "\(line)") }
    }

    @Test("says which file is missing, and exits with 1")
    func missing() throws {
        let outcome = try Program(["check", "nosuch"]).finish()
        #expect(outcome.code == 1)
        #expect(outcome.errors == ["clusterdns check: open nosuch: no such file or directory"])
    }

    @Test("opens no port, takes none that is in use for a mistake, and asks nobody")
    func startsNothing() throws {
        let server = try ScriptedUpstream { [.reply($0.answer())] }
        let api = try ScriptedUpstream { _ in [.close] }
        let text = """
            .:\(server.address.port) {
                health 127.0.0.1:\(server.address.port)
                kubernetes cluster.local {
                    endpoint http://\(api.address)
                }
                forward . nosuch.invalid {
                    resolver \(server.address)
                }
            }

            """
        let outcome = try Program(["check"], files: ["Corefile": text]).finish()
        #expect(outcome.code == 0)
        #expect(outcome.errors == [])
        #expect(server.heard.isEmpty && server.connectionCount == 0 && api.connectionCount == 0)
    }

    /// What is warned of in Corefiles that CoreDNS was recorded with, and in our own scenarios: seldom, and rightly.
    @Test("warns of nothing else in the Corefiles of all scenarios than what was looked at")
    func scenarios() throws {
        var found: [String] = []
        for group in ["recorded", "own"] {
            let folder = "\(Fixtures.project)/Tests/Scenarios/\(group)"
            for name in try Self.names(in: folder) where access("\(folder)/\(name)/Corefile", R_OK) == 0 {
                // What that says depends on the machine; kubeadm's Corefile has a test of its own.
                if try Fixtures.content("\(folder)/\(name)/Corefile").contains("/etc/resolv.conf") { continue }
                let enter = "cd '\(folder)/\(name)' && set -a && { [ ! -f env ] || . ./env; } && set +a"
                let outcome = try Program(["check", "--quiet"], shell: enter).finish()
                found += outcome.errors.filter { $0.contains(": warning: ") }.map { "\(name): \($0)" }
            }
        }
        let expected = try Fixtures.text("warnings.txt").split(separator: "\n").map(String.init)
        #expect(found == expected)
    }

    private static func names(in folder: String) throws -> [String] {
        let stream = try #require(opendir(folder))
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
                })
        }
        return names.filter { !$0.hasPrefix(".") }.sorted()
    }
}
