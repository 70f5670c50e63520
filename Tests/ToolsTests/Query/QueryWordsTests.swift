import DNSMessage
import DNSResolver
import Testing

@testable import Tools

/// What the words of `query` mean.
@Suite struct QueryWordsTests {
    private static let readings: [(words: String, meaning: String)] = [
        ("", ". NS IN udpFirst rd ad edns=1232+cookie"),
        ("www.example.org", "www.example.org. A IN udpFirst rd ad edns=1232+cookie"),
        ("MX example.org. @192.0.2.1", "example.org. MX IN @192.0.2.1 udpFirst rd ad edns=1232+cookie"),
        ("@[::1]:5353 a.example aaaa +tcp", "a.example. AAAA IN @[::1]:5353 tcp rd ad edns=1232+cookie"),
        ("ch txt version.bind", "version.bind. TXT CH udpFirst rd ad edns=1232+cookie"),
        ("-q mx -t a -c in", "mx. A IN udpFirst rd ad edns=1232+cookie"),
        ("example.org TYPE65280", "example.org. TYPE65280 IN udpFirst rd ad edns=1232+cookie"),
        ("-x 192.0.2.7", "7.2.0.192.in-addr.arpa. PTR IN udpFirst rd ad edns=1232+cookie"),
        ("-x192.0.2.7 SOA", "7.2.0.192.in-addr.arpa. SOA IN udpFirst rd ad edns=1232+cookie"),
        ("-x ::ffff:192.0.2.7", "7.2.0.192.in-addr.arpa. PTR IN udpFirst rd ad edns=1232+cookie"),
        ("example.org any", "example.org. ANY IN tcp rd ad edns=1232+cookie"),
        ("example.org any +notcp", "example.org. ANY IN udpFirst rd ad edns=1232+cookie"),
        ("example.org +ignore", "example.org. A IN udpOnly rd ad edns=1232+cookie"),
        ("x +norecurse +noad +cd", "x. A IN udpFirst cd edns=1232+cookie"),
        ("x +dnssec +nsid +nocookie", "x. A IN udpFirst rd ad edns=1232+do+nsid"),
        ("x +noedns", "x. A IN udpFirst rd ad"),
        ("x +noedns +dnssec", "x. A IN udpFirst rd ad edns=1232+do+cookie"),
        ("x +noedns +nodnssec", "x. A IN udpFirst rd ad"),
        ("x +bufsize=4096", "x. A IN udpFirst rd ad edns=4096+cookie"),
        ("x +sho", "x. A IN udpFirst rd ad edns=1232+cookie short"),
        ("x --json", "x. A IN udpFirst rd ad edns=1232+cookie json"),
        ("x +noall +answer", "x. A IN udpFirst rd ad edns=1232+cookie answer"),
        ("x +search", "x. A IN udpFirst rd ad edns=1232+cookie search"),
        ("x +time=2 +tries=1 -p 5300 -6", "x. A IN udpFirst rd ad edns=1232+cookie 2s×1 :5300 v6"),
        ("x +retry=3 +time=0", "x. A IN udpFirst rd ad edns=1232+cookie 1s×4"),
    ]

    @Test("are read in any order", arguments: readings)
    func reading(words: String, meaning: String) throws {
        let options = try QueryWords.read(words.split(separator: " ").map(String.init))
        #expect(options.meaning == meaning)
    }

    private static let mistakes: [(words: String, sentence: String)] = [
        ("a.example b.example", "one name at a time: 'a.example' and 'b.example'"),
        ("a..b", "'a..b' is no domain name: a label is empty"),
        ("-x example.org", "'example.org' is no address"),
        ("-p 0", "'0' is no port"),
        ("-p many", "'many' is no port"),
        ("-p", "'-p' needs a word behind it"),
        ("-t NOSUCH", "'NOSUCH' is no type of records"),
        ("-c NOSUCH", "'NOSUCH' is no class of records"),
        ("-z", "there is no option '-z'"),
        ("--short", "there is no option '--short'"),
        ("@", "behind '@' stands a server, such as @10.96.0.10"),
        ("+wat", "there is no option '+wat'"),
        ("+co", "'+co' may be +comments, +cookie"),
        ("+bufsize", "'+bufsize' needs a number: +bufsize=NUMBER"),
        ("+bufsize=x", "'+bufsize=x': no number"),
        ("+bufsize=70000", "+bufsize is at most 65535, not 70000"),
        ("+wat=1", "there is no option '+wat=1'"),
        ("example.org AXFR", "zone transfers (AXFR) are not built"),
        ("example.org OPT", "OPT is no type to ask for (RFC 6891 §6.1.1)"),
    ]

    @Test("that make no sense are told in a sentence", arguments: mistakes)
    func mistake(words: String, sentence: String) {
        #expect(throws: QueryMistake(sentence)) { try Self.read(words) }
    }

    private static func read(_ words: String) throws -> QueryOptions {
        try QueryWords.read(words.split(separator: " ").map(String.init))
    }

    @Test("of a server are its address and port, wherever the port stands")
    func servers() throws {
        let table = [
            ("192.0.2.1", "192.0.2.1:53"), ("192.0.2.1:5300", "192.0.2.1:5300"), ("192.0.2.1#5300", "192.0.2.1:5300"),
            ("::1", "[::1]:53"), ("[::1]:5300", "[::1]:5300"), ("localhost:5300", "127.0.0.1:5300"),
        ]
        for (text, expected) in table {
            var options = QueryOptions()
            options.family = text.hasPrefix("localhost") ? .v4 : nil
            let found = try QueryServer.addresses(text, options)
            #expect(found.first.map { "\($0.address)" } == expected)
        }
    }

    @Test("of servers of the wrong address family are refused")
    func families() {
        var options = QueryOptions()
        options.family = .v6
        #expect(throws: QueryMistake("'@192.0.2.1' has no address of that family")) {
            _ = try QueryServer.addresses("192.0.2.1", options)
        }
    }

    @Test("without a server mean those of resolv.conf, with its search list")
    func resolverFile() throws {
        let file = ResolverConfiguration(
            resolvConf: "nameserver 192.0.2.1\nnameserver 2001:db8::1\nsearch a.test b.test\noptions ndots:2\n")
        var options = QueryOptions()
        #expect(
            try QueryServer.addresses(of: file, options).map { "\($0.address)" } == [
                "192.0.2.1:53", "[2001:db8::1]:53",
            ])
        options.port = 5_300
        options.family = .v6
        #expect(try QueryServer.addresses(of: file, options).map { "\($0.address)" } == ["[2001:db8::1]:5300"])
        #expect(try file.candidates(of: "web").map(\.description) == ["web.a.test.", "web.b.test.", "web."])
        #expect(try file.candidates(of: "web.").map(\.description) == ["web."])
    }
}

extension QueryOptions {
    /// Everything that is not as usual, in a line.
    fileprivate var meaning: String {
        var words = ["\(name)", "\(type)", "\(`class`)"]
        if let server { words.append("@\(server)") }
        words.append("\(transport)")
        if flags.recursionDesired { words.append("rd") }
        if flags.authenticData { words.append("ad") }
        if flags.checkingDisabled { words.append("cd") }
        if let edns {
            words.append(
                "edns=\(edns.udpSize)\(edns.isDNSSECOK ? "+do" : "")\(edns.asksForIdentity ? "+nsid" : "")"
                    + "\(edns.hasCookie ? "+cookie" : "")")
        }
        if isShort { words.append("short") }
        if isJSON { words.append("json") }
        if parts.count < Part.allCases.count { words += Part.allCases.filter(parts.contains).map { "\($0)" } }
        if searches { words.append("search") }
        if seconds != 5 || tries != 3 { words.append("\(seconds)s×\(tries)") }
        if let port { words.append(":\(port)") }
        if let family { words.append("\(family)") }
        return words.joined(separator: " ")
    }
}
