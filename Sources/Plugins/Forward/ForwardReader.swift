import Corefile
import DNSMessage
import PluginKit
import SecureUpstream
import Upstream

/// Reads one `forward` line and its block.
struct ForwardReader {
    var options = ForwardOptions()
    var exceptions: [Name] = []
    var client = UpstreamSettings()
    var method = HTTPSOptions.Method.post
    var tls = TLSOptions()
    var resolvers: [SocketAddress] = []

    /// Lines of the block, in the order of the manual.
    static let names = [
        "except", "force_tcp", "prefer_udp", "expire", "max_age", "max_idle_conns", "read_timeout", "max_fails",
        "max_connect_attempts", "doh_method", "tls", "tls_servername", "policy", "health_check", "max_concurrent",
        "next", "next_on_nodata", "failover", "failfast_all_unhealthy_upstreams", "source_address", "resolver",
        "case_randomization",
    ]

    mutating func read(_ line: Directive, _ setup: inout Setup) {
        guard Self.names.contains(line.name.text) else {
            return line.reportUnknownProperty(among: Self.names, &setup.diagnostics)
        }
        guard line.hasNoBlock(&setup.diagnostics) else { return }
        switch line.name.text {
        case "except":
            if hasArguments(line, 1..., "except NAME...", &setup) { exceptions += setup.zones(line.arguments) }
        case "force_tcp": options.forcesTCP = hasArguments(line, 0...0, "force_tcp", &setup)
        case "prefer_udp": options.prefersUDP = hasArguments(line, 0...0, "prefer_udp", &setup)
        case "next_on_nodata": options.passesNoData = hasArguments(line, 0...0, "next_on_nodata", &setup)
        case "failfast_all_unhealthy_upstreams":
            options.failsFast = hasArguments(line, 0...0, line.name.text, &setup)
        case "expire", "max_age", "read_timeout": readTime(line, &setup)
        case "max_idle_conns", "max_fails", "max_connect_attempts", "max_concurrent": readNumber(line, &setup)
        case "tls": readTLS(line, &setup)
        case "health_check": readHealthCheck(line, &setup)
        case "next", "failover": readCodes(line, &setup)
        case "resolver": readResolvers(line, &setup)
        default: readWord(line, &setup)
        }
    }

    private func hasArguments(
        _ line: Directive, _ count: some RangeExpression<Int>, _ usage: String, _ setup: inout Setup
    ) -> Bool {
        line.hasArguments(count, usage: usage, &setup.diagnostics)
    }

    private mutating func readTime(_ line: Directive, _ setup: inout Setup) {
        guard hasArguments(line, 1...1, "\(line.name.text) DURATION", &setup),
            let time = nanoseconds(line.arguments[0], &setup.diagnostics)
        else { return }
        switch line.name.text {
        case "expire": client.idleTimeout = time
        case "max_age": client.ageMax = time
        default: options.readTimeout = time == 0 ? options.readTimeout : time
        }
    }

    private func nanoseconds(_ word: Word, _ diagnostics: inout Diagnostics) -> UInt64? {
        guard let time = word.duration(&diagnostics) else { return nil }
        let (seconds, attoseconds) = time.components
        guard time >= .zero, seconds < 1 << 30 else {
            diagnostics.error(at: word, "a time can't be negative, or a lifetime: \(word.text)")
            return nil
        }
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }

    private mutating func readNumber(_ line: Directive, _ setup: inout Setup) {
        let name = line.name.text
        guard hasArguments(line, 1...1, "\(name) NUMBER", &setup),
            let number = line.arguments[0].integer(name, in: 0...Int(Int32.max), &setup.diagnostics)
        else { return }
        switch name {
        case "max_idle_conns": client.idleConnectionsMax = number
        case "max_fails": options.failsMax = number
        case "max_connect_attempts": options.triesMax = number == 0 ? nil : number
        default: options.concurrentMax = number
        }
    }

    private mutating func readTLS(_ line: Directive, _ setup: inout Setup) {
        guard hasArguments(line, 0...3, "tls [CERT KEY] [CA]", &setup) else { return }
        let words = line.arguments
        if words.count > 1 {
            tls.certificate = content(of: words[0], &setup)
            tls.key = content(of: words[1], &setup)
        }
        if words.count % 2 == 1 { tls.authorities = content(of: words[words.count - 1], &setup) }
    }

    private func content(of word: Word, _ setup: inout Setup) -> [UInt8]? {
        do throws(FileError) {
            return try DiskFiles().read(setup.path(word))
        } catch {
            setup.diagnostics.error(at: word, "cannot read \(word.quoted): \(error.clause)")
            return nil
        }
    }

    private mutating func readHealthCheck(_ line: Directive, _ setup: inout Setup) {
        guard hasArguments(line, 1...4, "health_check DURATION [no_rec] [domain NAME]", &setup) else { return }
        if let time = nanoseconds(line.arguments[0], &setup.diagnostics) { options.healthInterval = time }
        var rest = line.arguments.dropFirst()
        while let word = rest.popFirst() {
            switch word.text {
            case "no_rec": options.healthIsRecursive = false
            case "domain":
                guard let domain = rest.popFirst() else {
                    setup.diagnostics.error(at: word, "health_check: invalid domain name", hint: "domain NAME")
                    return
                }
                do throws(NameError) {
                    options.healthDomain = try Name(domain.text)
                } catch {
                    setup.diagnostics.error(at: domain, "health_check: invalid domain name \(domain.text): \(error)")
                }
            default:
                setup.diagnostics.error(
                    at: word, "health_check: unknown option \(word.text)", didYouMean: word.text,
                    among: ["no_rec", "domain"])
            }
        }
    }

    private mutating func readCodes(_ line: Directive, _ setup: inout Setup) {
        let isFailover = line.name.text == "failover"
        guard hasArguments(line, 1..., "\(line.name.text) RCODE...", &setup) else { return }
        var codes: [ResponseCode] = []
        for word in line.arguments {
            guard let code = ResponseCode(word.text) else {
                setup.diagnostics.error(at: word, "\(word.text) is not a valid rcode", hint: "such as SERVFAIL")
                continue
            }
            if isFailover, code == .noError {
                setup.diagnostics.error(at: word, "NoError cannot be used in failover")
                continue
            }
            codes.append(code)
        }
        if isFailover { options.failoverCodes = codes } else { options.nextCodes += codes }
    }

    private mutating func readResolvers(_ line: Directive, _ setup: inout Setup) {
        guard hasArguments(line, 1..., "resolver ADDRESS[:PORT]...", &setup) else { return }
        for word in line.arguments {
            if case .address(let address)? = try? UpstreamPlace(word.text) {
                resolvers.append(address)
            } else {
                setup.diagnostics.error(at: word, "\(word.quoted) is no address of a resolver")
            }
        }
    }

    /// Options of one word.
    private mutating func readWord(_ line: Directive, _ setup: inout Setup) {
        guard hasArguments(line, 1...1, "\(line.name.text) VALUE", &setup) else { return }
        let word = line.arguments[0]
        switch line.name.text {
        case "policy":
            guard let policy = ForwardOptions.Policy(rawValue: word.text) else {
                return setup.diagnostics.error(
                    at: word, "unknown policy \(word.quoted)", didYouMean: word.text,
                    among: ForwardOptions.Policy.allCases.map(\.rawValue))
            }
            options.policy = policy
        case "doh_method":
            switch word.text {
            case "GET": method = .get
            case "POST": method = .post
            default: setup.diagnostics.error(at: word, "doh_method is GET or POST, not \(word.quoted)")
            }
        case "case_randomization":
            guard ["on", "off"].contains(word.text) else {
                return setup.diagnostics.error(at: word, "case_randomization is on or off, not \(word.quoted)")
            }
            client.mixesCase = word.text == "on"
        case "source_address":
            guard let address = IPAddress(word.text) else {
                return setup.diagnostics.error(at: word, "\(word.quoted) is no address")
            }
            client.sourceAddress = address.unmapped
        default: tls.serverName = word.text
        }
    }
}

extension FileError {
    /// For the end of a sentence.
    var clause: String {
        switch self {
        case .notFound: "no such file"
        case .tooLarge: "it is too large"
        case .unreadable(let reason): reason
        }
    }
}
