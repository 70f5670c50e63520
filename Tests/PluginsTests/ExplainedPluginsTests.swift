import Corefile
import DNSMessage
import Explanation
import PluginKit
import TestSupport
import Testing

@testable import Plugins

@Suite("Plugins, asked for an explanation")
struct ExplainedPluginsTests {
    private static let zone = """
        example.org. 60 IN SOA ns.example.org. h.example.org. 1 60 60 60 60
        www.example.org. 60 IN A 192.0.2.1
        far.example.org. 60 IN CNAME www.example.net.
        """

    private func plugins(_ lines: String, isServer: Bool = false, client: IPAddress? = nil) -> ExplainedPlugins {
        let corefile = Corefile.parse(text: ". {\n\(lines)\n}\n", file: "Corefile").corefile
        return ExplainedPlugins(
            corefile,
            ExplainedPlugins.Setting(host: TestServer.host, clusters: [:], client: client, isServer: isServer))
    }

    /// How a question ends that never meets the cluster, and what was done on the way.
    private func ask(_ plugins: ExplainedPlugins, _ name: Name, _ type: RecordType = .a) -> (String, [PluginStep]) {
        let run = plugins.run(PluginQuestion(name, type), through: 0)
        let stop = run.start()
        let end =
            switch stop {
            case .reached(let step, let name, let type): "step \(step): \(name) \(type)"
            case .alias(let target, _): "alias \(target)"
            case .reply(let code, let records, let isOwn): "\(code) \(records.compactMap(\.data.address)) \(isOwn)"
            case .silence: "silence"
            case .nobody: "nobody"
            }
        return (end, run.takeSteps())
    }

    @Test(
        "answer from zone files, and follow their aliases",
        arguments: [
            ("www.example.org", "NOERROR [192.0.2.1] true"), ("no.example.org", "NXDOMAIN [] true"),
            ("far.example.org", "alias www.example.net."), ("www.example.com", "REFUSED [] true"),
        ] as [(Name, String)])
    func zones(name: Name, end: String) throws {
        let file = try TemporaryFile(Self.zone)
        let asked = ask(plugins("file \(file.path) example.org"), name)
        #expect(asked.0 == end)
        #expect(asked.1.map(\.place) == ["Corefile:2"])
        #expect(asked.1.first?.dependsOn == ["the file \(file.path) of this machine"])
    }

    @Test("read no large file in a server that has other things to do")
    func large() throws {
        let comments = String(repeating: "# a line of a hosts file that says nothing\n", count: 30_000)
        let file = try TemporaryFile(comments + "192.0.2.1 www.example.org\n")
        #expect(ask(plugins("hosts \(file.path)"), "www.example.org").0 == "NOERROR [192.0.2.1] true")
        let asked = ask(plugins("hosts \(file.path)", isServer: true), "www.example.org")
        #expect(asked.0 == "nobody")
        #expect(asked.1.map(\.act) == [.unknown])
    }

    @Test("leave out a plugin whose lines have a mistake, and say so")
    func mistakes() {
        let asked = ask(plugins("hosts {\n ttl many\n 192.0.2.1 www.example.org\n}"), "www.example.org")
        #expect(asked.0 == "nobody")
        #expect(asked.1.first?.dependsOn == ["a mistake in its lines, which 'clusterdns check' tells"])
    }

    @Test(
        "tell which of several lines it was",
        arguments: [
            ("rewrite name a.test b.test\nrewrite name c.test d.test\nforward . 192.0.2.1", "c.test", "Corefile:3"),
            ("template IN A x.test\ntemplate IN A c.test", "c.test", "Corefile:3"),
            ("acl x.test {\nblock\n}\nacl c.test {\nblock\n}", "c.test", "Corefile:5"),
        ] as [(String, Name, String)])
    func lines(lines: String, name: Name, place: String) {
        #expect(ask(plugins(lines), name).1.last?.place == place)
    }

    @Test("answer everything although more plugins ask again than an answer needs")
    func rounds() {
        let lines = "dns64 {\n allow_ipv4\n}\nhosts {\n 192.0.2.1 www.example.org\n fallthrough\n}"
        let asked = ask(plugins(lines), "www.example.org", .aaaa)
        #expect(asked.0 == "NOERROR [64:ff9b::c000:201] true")
        #expect(asked.1.map(\.act) == [.passed, .answered, .askedOtherwise, .answered])
        #expect(asked.1.dropFirst(2).first?.to == "A of www.example.org")
    }
}

extension RecordData {
    fileprivate var address: IPAddress? {
        switch self {
        case .a(let address), .aaaa(let address): address
        default: nil
        }
    }
}
