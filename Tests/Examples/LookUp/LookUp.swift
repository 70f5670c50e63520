import DNSMessage
import DNSResolver

/// Looks names up and prints what is found: `LookUp web.shop _http._tcp.web.shop txt:dns-version.cluster.local`.
///
/// A name that begins with `_` is a service; an address in brackets, `[10.96.0.10]`, asks for its names, `txt:` for
/// texts. `--resolv-conf FILE` in front takes another file than the system's.
@main struct LookUp {
    static func main() async {
        var words = CommandLine.arguments.dropFirst()
        var options = ResolverOptions()
        if words.first == "--resolv-conf" {
            words.removeFirst()
            if let file = words.popFirst() { options.configuration = .file(file) }
        }
        let resolver = Resolver(options)
        for word in words {
            do throws(LookupError) {
                for line in try await lines(word, resolver) { print("\(word): \(line)") }
            } catch {
                switch error.reason {
                case .nameError, .noData: print("\(word): nothing: \(error.reason)")
                default: print("\(word): perhaps later: \(error.reason)")
                }
            }
        }
    }

    private static func lines(_ word: String, _ resolver: Resolver) async throws(LookupError) -> [String] {
        if word.hasPrefix("_") {
            // In the order in which they should be tried.
            return try await resolver.services(of: word).values.map { target in
                "\(target.host) port \(target.port) at \(target.addresses)"
            }
        }
        if word.hasPrefix("["), let address = IPAddress(word.dropFirst().dropLast()) {
            return try await resolver.names(of: address).values.map { "\($0)" }
        }
        if word.hasPrefix("txt:") {
            return try await resolver.texts(of: String(word.dropFirst(4))).values.map(\.joined)
        }
        let answers = try await resolver.addresses(of: word)
        return answers.values.map { "\($0), good for \(answers.timeToLive), from \(answers.source)" }
    }
}
