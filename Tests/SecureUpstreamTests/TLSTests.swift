import DNSMessage
import SecureUpstream
import TestSupport
import Testing
import Upstream

@Suite("Asking over TLS", .enabled(if: CertificateAuthority.isAvailable, "\(CertificateAuthority.unavailable)"))
struct TLSTests {
    private func upstream(_ acceptor: TLSAcceptor) throws -> ScriptedUpstream {
        try ScriptedUpstream(tls: acceptor) { [.reply($0.answer())] }
    }

    private func options(_ change: (inout TLSOptions) -> Void = { _ in }) throws -> TLSOptions {
        var options = TLSOptions()
        options.authorities = try CertificateAuthority.shared().certificate
        change(&options)
        return options
    }

    private func ask(_ upstream: ScriptedUpstream, _ options: TLSOptions, count: Int = 1) throws -> [Outcome] {
        let asker = try Asker(.tls(upstream.address, TLSContext(options)))
        return (0..<count).map { asker.ask(QueryText("A.Example.\($0). A")) }
    }

    @Test(
        "a certificate for the name, or without one for the address, is trusted",
        arguments: ["localhost", "127.0.0.1", nil], [false, true])
    func trusts(name: String?, isOld: Bool) throws {
        let acceptor = try TLSAcceptor(CertificateAuthority.shared().issue(.localServer), isOld: isOld)
        let outcome = try ask(upstream(acceptor), options { $0.serverName = name })[0]
        #expect(outcome.transport == .tls, "\(outcome)")
        #expect(outcome.reply?.questionName == "A.Example.0.")
        let handshake = try #require(acceptor.handshakes.first)
        #expect(handshake.protocol == "dot")
        #expect(handshake.name == (name == "localhost" ? "localhost" : ""))
        #expect(!handshake.hasClientCertificate)
    }

    @Test("a certificate for another name is not trusted", arguments: ["dns.example", "127.0.0.2"])
    func refusesName(name: String) throws {
        let acceptor = try TLSAcceptor(CertificateAuthority.shared().issue(.localServer))
        let outcome = try ask(upstream(acceptor), options { $0.serverName = name })[0]
        #expect(outcome.word == "the server's certificate is not for \(name)")
        #expect(acceptor.handshakes.isEmpty)
    }

    @Test("a certificate that is not for the address is not trusted where no name is given")
    func refusesAddress() throws {
        let pair = try CertificateAuthority.shared().issue(.init(name: "x", hostNames: ["localhost"]))
        let outcome = try ask(upstream(TLSAcceptor(pair)), options())[0]
        #expect(outcome.word == "the server's certificate is not for 127.0.0.1")
    }

    @Test("a certificate of another authority is not trusted", arguments: [false, true])
    func refusesAuthority(bySystem: Bool) throws {
        let pair = try CertificateAuthority(named: "somebody else").issue(.localServer)
        let outcome = try ask(upstream(TLSAcceptor(pair)), options { if bySystem { $0.authorities = nil } })[0]
        #expect(outcome.word.hasPrefix("the server's certificate is not trusted: "), "\(outcome)")
    }

    @Test("a certificate that has expired is not trusted")
    func refusesExpired() throws {
        var subject = CertificateAuthority.Subject.localServer
        subject.days = -1
        let outcome = try ask(upstream(TLSAcceptor(CertificateAuthority.shared().issue(subject))), options())[0]
        #expect(outcome.word.contains("expired"), "\(outcome)")
    }

    @Test("shows its certificate where the server wants one")
    func showsCertificate() throws {
        let authority = try CertificateAuthority.shared()
        let acceptor = try TLSAcceptor(authority.issue(.localServer), clientAuthority: authority.certificate)
        let pair = try authority.issue(.client("tester"))
        let outcome = try ask(
            upstream(acceptor),
            options {
                $0.certificate = pair.certificate
                $0.key = pair.key
            })[0]
        #expect(outcome.transport == .tls, "\(outcome)")
        #expect(acceptor.handshakes.first?.hasClientCertificate == true)
    }

    @Test("queries share a connection, and the next connection goes on with the session", arguments: [false, true])
    func resumes(isOld: Bool) throws {
        let acceptor = try TLSAcceptor(CertificateAuthority.shared().issue(.localServer), isOld: isOld)
        let upstream = try ScriptedUpstream(tls: acceptor) { heard in
            let isLast = heard.message.questionName.hasPrefix("last")
            return isLast ? [.reply(heard.answer()), .close] : [.reply(heard.answer())]
        }
        let asker = try Asker(.tls(upstream.address, TLSContext(options())))
        for name in ["a", "b", "last", "c", "last", "d"] {
            #expect(asker.ask(QueryText("\(name).example. A")).transport == .tls)
        }
        #expect(acceptor.handshakes.map(\.isResumed) == [false, true, true])
    }

    @Test("a reply of the greatest length comes whole")
    func takesGreatReply() throws {
        let acceptor = try TLSAcceptor(CertificateAuthority.shared().issue(.localServer))
        let upstream = try ScriptedUpstream(tls: acceptor) { heard in
            let reply = heard.answer()
            return [.reply(reply + [UInt8](repeating: 0xAB, count: 65_535 - reply.count))]
        }
        let outcomes = try ask(upstream, options(), count: 3)
        #expect(outcomes.map { $0.reply?.count } == [65_535, 65_535, 65_535])
    }

    @Test("a server that speaks no TLS fails in words")
    func refusesPlain() throws {
        // The first bytes of a handshake announce a message of 5635 bytes, which never comes whole.
        let silent = try ScriptedUpstream { _ in [] }
        let asker = try Asker(.tls(silent.address, TLSContext(options()))) { $0.connectTimeout = 300_000_000 }
        #expect(asker.ask("a.example. A").word == "unreachable")
    }

    @Test("a server that ends the handshake fails in words")
    func reportsEnd() throws {
        let acceptor = try TLSAcceptor(CertificateAuthority.shared().issue(.localServer), refuses: true)
        let outcome = try ask(upstream(acceptor), options())[0]
        #expect(outcome.word == "the server closes the connection during the handshake")
    }

    @Test("what is wrong with certificate and key is told when they are read")
    func refusesOptions() throws {
        let authority = try CertificateAuthority.shared()
        let (one, other) = (try authority.issue(.client("one")), try authority.issue(.client("other")))
        let text = Array("no certificate".utf8)
        #expect(mistake { $0.authorities = text } == "the file of authorities has no certificate in PEM")
        #expect(mistake { $0.certificate = one.certificate } == "a certificate needs a key, and a key a certificate")
        #expect(
            mistake { ($0.certificate, $0.key) = (text, one.key) } == "the file of the certificate has none in PEM")
        #expect(
            mistake { ($0.certificate, $0.key) = (one.certificate, text) }?.hasPrefix("the key cannot be read") == true)
        #expect(
            mistake { ($0.certificate, $0.key) = (one.certificate, other.key) }?
                .hasPrefix("the key does not belong to the certificate") == true)
    }

    private func mistake(_ change: (inout TLSOptions) -> Void) -> String? {
        var options = TLSOptions()
        change(&options)
        do {
            _ = try TLSContext(options)
            return nil
        } catch { return error.description }
    }
}
