import DNSMessage
import DNSResolver
import Glibc
import TestSupport

/// A resolver with files of its own, and the scripted servers that these name.
///
/// Suites that use it are serialized: tests that wait without a thread would else all be under way at once, and each
/// scripted server keeps two of the 255 threads that Dispatch has.
struct Rig {
    let directory: TemporaryDirectory
    let servers: [ScriptedUpstream]
    let resolver: Resolver

    /// `conf` stands behind the lines `nameserver`.
    init(
        _ zones: String..., conf: String = "", hosts: String = "", variables: [String: String] = [:],
        change: (inout ResolverOptions) -> Void = { _ in }
    ) throws {
        let servers = try zones.map { zone in
            let script = ZoneScript(zone)
            return try ScriptedUpstream { script.steps($0) }
        }
        try self.init(servers, conf: conf, hosts: hosts, variables: variables, change: change)
    }

    init(
        _ servers: [ScriptedUpstream], conf: String = "", hosts: String = "", variables: [String: String] = [:],
        change: (inout ResolverOptions) -> Void = { _ in }
    ) throws {
        directory = try TemporaryDirectory()
        self.servers = servers
        var options = ResolverOptions()
        options.configuration = .file(try directory.write(Self.text(servers, conf).utf8, to: "resolv.conf"))
        options.hostsFile = try directory.write(hosts.utf8, to: "hosts")
        // The directory stays as long as the resolver does.
        options.variable = { [directory] name in withExtendedLifetime(directory) { variables[name] } }
        // However slow the machine is.
        options.familyGrace = .seconds(60)
        change(&options)
        resolver = Resolver(options)
    }

    /// A resolver that asks each server once, however long the test waits for a thread meanwhile.
    init(patiently servers: [ScriptedUpstream], change: (inout ResolverOptions) -> Void = { _ in }) throws {
        try self.init(servers) { options in
            var configuration = ResolverConfiguration()
            configuration.servers = servers.map(\.address)
            configuration.timeout = .seconds(3_600)
            options.configuration = .fixed(configuration)
            change(&options)
        }
    }

    static func text(_ servers: [ScriptedUpstream], _ conf: String) -> String {
        servers.map { "nameserver [127.0.0.1]:\($0.address.port)\n" }.joined() + conf + "\n"
    }

    /// What the first server was asked, in order.
    var asked: [String] { servers[0].heard.map(\.asked) }

    /// Addresses as text, or the word for why there are none.
    func addresses(_ host: String, _ families: AddressFamilies = .all) async -> String {
        await told { () throws(LookupError) in
            try await resolver.addresses(of: host, families).values.map(\.description).sorted()
        }
    }

    /// Values as text, or the word for why there are none.
    func told(_ look: () async throws(LookupError) -> [String]) async -> String {
        do throws(LookupError) {
            return try await look().joined(separator: " ")
        } catch { return error.reason.word }
    }
}

extension LookupError.Reason {
    /// A word for tables.
    var word: String {
        switch self {
        case .nameError: "NXDOMAIN"
        case .noData: "NODATA"
        case .serverFailure(let code, _): "\(code)"
        case .timedOut: "time-out"
        case .unreachable: "unreachable"
        case .malformedReply: "malformed"
        case .tooManyAliases: "aliases"
        case .badName: "bad name"
        case .badAddress(let mistake): "\(mistake)"
        case .cancelled: "cancelled"
        case .closed: "closed"
        }
    }
}

/// Waits on a thread of a scripted server.
func sleepAMoment() { usleep(5_000) }
