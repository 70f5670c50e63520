public import DNSMessage
import Glibc

/// A name server of Debian that serves one zone on a port of 127.0.0.1: a second opinion. Ends when it is let go, and
/// when the test process ends in whatever way.
public final class NameServerProgram {
    /// Which one.
    public enum Kind: String, Sendable, CaseIterable {
        case nsd
        case knot

        /// Whether it is installed.
        public var isAvailable: Bool { Tool(program) != nil }

        fileprivate var program: String { self == .nsd ? "nsd" : "knotd" }
    }

    /// Where it listens.
    public let address: SocketAddress
    private let directory: TemporaryDirectory
    private var server: BackgroundTool?

    /// Starts one with a zone; knot signs it if asked to, with NSEC.
    public init(_ kind: Kind, zone: Name, text: String, isSigned: Bool = false) throws {
        directory = try TemporaryDirectory()
        address = SocketAddress(IPAddress(v4: 0x7F00_0001), port: FreePorts.take())
        try directory.write(text.utf8, to: "zone")
        let configuration = kind == .nsd ? nsd(zone) : knot(zone, isSigned: isSigned)
        try directory.write(configuration.utf8, to: "server.conf")
        let arguments = (kind == .nsd ? ["-d"] : []) + ["-c", "\(directory.path)/server.conf"]
        server = try BackgroundTool(kind.program, arguments, in: directory, endedBy: SIGTERM)
        guard isServing(zone), !isSigned || isWritten() else {
            throw ClientError(reason: "\(kind.program) does not serve \(zone): \(log)")
        }
    }

    /// What it wrote.
    public var log: String { String(decoding: directory.content(of: "output") ?? [], as: UTF8.self) }

    /// The zone's file as it is now: signed, if the server signs.
    public var zoneText: [UInt8] { directory.content(of: "zone") ?? [] }

    private func isServing(_ zone: Name) -> Bool {
        patiently(every: .milliseconds(20)) {
            (try? TCPClient(to: address).ask(QueryText("\(zone) SOA")))?.answer.isEmpty == false
        }
    }

    /// Whether the signed zone is in its file, which takes a moment longer.
    private func isWritten() -> Bool {
        patiently(every: .milliseconds(20)) { String(decoding: zoneText, as: UTF8.self).contains("RRSIG") }
    }

    private func nsd(_ zone: Name) -> String {
        """
        server:
            ip-address: 127.0.0.1@\(address.port)
            username: ""
            zonesdir: "\(directory.path)"
            database: ""
            pidfile: "\(directory.path)/nsd.pid"
            xfrdfile: "\(directory.path)/xfrd.state"
            zonelistfile: "\(directory.path)/zone.list"
            xfrdir: "\(directory.path)"
            server-count: 1
            ipv4-edns-size: 4096
            tcp-count: 10
            rrl-ratelimit: 0
        remote-control:
            control-enable: no
        zone:
            name: "\(zone)"
            zonefile: "zone"

        """
    }

    private func knot(_ zone: Name, isSigned: Bool) -> String {
        """
        server:
            rundir: "\(directory.path)"
            listen: 127.0.0.1@\(address.port)
            udp-workers: 1
            tcp-workers: 1
            udp-max-payload: 4096
            background-workers: 1
        database:
            storage: "\(directory.path)"
        log:
          - target: stderr
            any: info
        policy:
          - id: nsec
            algorithm: ECDSAP256SHA256
            nsec3: off
        zone:
          - domain: "\(zone)"
            storage: "\(directory.path)"
            file: zone
            zonefile-sync: 0
            dnssec-signing: \(isSigned ? "on" : "off")
            dnssec-policy: nsec

        """
    }
}
