import DNSMessage
import TestSupport
import Testing

@Suite("Example programs of the resolver", .serialized)
struct ExampleTests {
    @Test("LookUp prints addresses, services, texts, names, and why there are none")
    func looksUp() throws {
        let script = ZoneScript(
            """
            web.shop.test. 30 A 192.0.2.1
            _http._tcp.web.shop.test. 30 SRV 0 10 80 web.shop.test.
            version.test. 30 TXT 1.1.0
            1.2.0.192.in-addr.arpa. 30 PTR web.shop.test.
            broken.test. * SERVFAIL
            """)
        let server = try ScriptedUpstream { script.steps($0) }
        let directory = try TemporaryDirectory()
        let file = try directory.write(Rig.text([server], "search shop.test test").utf8, to: "resolv.conf")
        try Tool(built: "LookUp").run(
            [
                "--resolv-conf", file, "web", "_http._tcp.web", "txt:version", "[192.0.2.1]", "none", "broken.test.",
            ], in: directory)
        let output = String(decoding: directory.content(of: "output") ?? [], as: UTF8.self)
        #expect(
            output == """
                web: 192.0.2.1, good for 30.0 seconds, from server(\(server.address))
                _http._tcp.web: web.shop.test. port 80 at [192.0.2.1]
                txt:version: 1.1.0
                [192.0.2.1]: web.shop.test.
                none: nothing: there is no such name (NXDOMAIN)
                broken.test.: perhaps later: the server failed with SERVFAIL

                """)
    }
}
