import Corefile
import DNSMessage
import PluginKit
import SecureUpstream

/// Makes upstreams of the words behind the zone of a `forward` line.
struct UpstreamReader {
    /// An upstream with its name in metrics and log.
    struct Found {
        let endpoint: UpstreamEndpoint
        let address: String
    }

    private let options: ForwardReader
    private(set) var found: [Found] = []

    init(_ options: ForwardReader) { self.options = options }

    mutating func read(_ word: Word, _ setup: inout Setup) {
        do throws(PlaceError) {
            switch try UpstreamPlace(word.text) {
            case .address(let address): add(.dns(address), address.description)
            case .tls(let address, let name): addTLS(address, name, word, &setup)
            case .https(let url): addHTTPS(url, word, &setup)
            case .fileOrHost(let text): readFile(text, word, &setup)
            }
        } catch {
            setup.diagnostics.error(at: word, error.text, hint: error.hint)
        }
    }

    private mutating func add(_ endpoint: UpstreamEndpoint, _ address: String) {
        guard !found.contains(where: { $0.endpoint == endpoint }) else { return }
        found.append(Found(endpoint: endpoint, address: address))
    }

    private mutating func addTLS(_ address: SocketAddress, _ name: String?, _ word: Word, _ setup: inout Setup) {
        var tls = options.tls
        tls.serverName = name ?? tls.serverName
        do throws(UpstreamMistake) {
            add(.tls(address, try TLSContext(tls)), address.description)
        } catch {
            setup.diagnostics.error(at: word, "TLS to \(address): \(error)")
        }
    }

    private mutating func addHTTPS(_ url: String, _ word: Word, _ setup: inout Setup) {
        do throws(UpstreamMistake) {
            let https = try HTTPSOptions(url: url, tls: options.tls, method: options.method)
            let host = url.dropFirst("https://".count).prefix { $0 != "/" }
            let parts = HostAndPort(host)
            let address = parts?.port == nil ? "\(host):443" : String(host)
            add(.https(https), address)
        } catch {
            setup.diagnostics.error(at: word, "\(error)")
        }
    }

    /// A file of name servers, or else a host.
    private mutating func readFile(_ text: String, _ word: Word, _ setup: inout Setup) {
        let path = text == word.text ? setup.path(word) : text
        do throws(FileError) {
            take(ResolverFile(try DiskFiles().read(path)), word, &setup)
        } catch .notFound {
            lookUp(text, word, &setup)
        } catch {
            setup.diagnostics.error(at: word, "cannot read \(word.quoted): \(error.clause)")
        }
    }

    private mutating func take(_ file: ResolverFile, _ word: Word, _ setup: inout Setup) {
        let listed = file.loopbacks.map { "\($0.address)" }.joined(separator: ", ")
        if file.isLoopbackOnly {
            setup.diagnostics.warning(
                at: word,
                "\(word.quoted) has only loopback addresses (\(listed)): inside a pod they lead nowhere, or back here",
                hint: "name upstreams, or mount the file of the host's own resolver, which systemd-resolved keeps as "
                    + "/run/systemd/resolve/resolv.conf")
        } else if !file.loopbacks.isEmpty {
            setup.diagnostics.warning(
                at: word, "loopback addresses in \(word.quoted) are passed over: \(listed)")
        }
        for server in file.servers { add(.dns(server), server.description) }
    }

    private mutating func lookUp(_ text: String, _ word: Word, _ setup: inout Setup) {
        guard !text.contains("/"), let parts = HostAndPort(text), parts.zone == nil, (try? Name(parts.host)) != nil
        else {
            return setup.diagnostics.error(
                at: word, "failed to resolve \"\(word.text)\": there is no such file, and it is no name of a host")
        }
        // Any address stands for those that the start will find.
        let addresses =
            setup.host.onlyChecks ? [IPAddress(v4: 0)] : HostLookup.addresses(of: parts.host, options.resolvers)
        if addresses.isEmpty {
            setup.diagnostics.error(
                at: word, "failed to resolve \"\(word.text)\": there is no such file, and no such host was found")
        }
        for address in addresses {
            let server = SocketAddress(address, port: parts.port ?? 53)
            add(.dns(server), server.description)
        }
    }
}
