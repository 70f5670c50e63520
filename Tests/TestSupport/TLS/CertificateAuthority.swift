import Glibc

/// Signs certificates for tests, with keys that are made when the tests run.
public final class CertificateAuthority: Sendable {
    /// A certificate and its key, PEM.
    public struct Pair: Sendable {
        /// The certificate.
        public let certificate: [UInt8]
        /// Its private key.
        public let key: [UInt8]
    }

    /// What a certificate says.
    public struct Subject: Sendable {
        /// Its common name; for a client the name of the user.
        public var name: String
        /// Its organizations; for a client the groups of the user.
        public var organizations: [String] = []
        /// The host names of a server.
        public var hostNames: [String] = []
        /// The addresses of a server.
        public var addresses: [String] = []
        /// How long it is valid from now on; below zero it has expired.
        public var days = 2

        /// A server that is `localhost`, 127.0.0.1 and ::1.
        public static let localServer = Subject(
            name: "server", hostNames: ["localhost"], addresses: ["127.0.0.1", "::1"])
        /// A client of this name.
        public static func client(_ name: String, organizations: [String] = []) -> Subject {
            Subject(name: name, organizations: organizations)
        }

        /// Something with a name.
        public init(
            name: String, organizations: [String] = [], hostNames: [String] = [], addresses: [String] = [],
            days: Int = 2
        ) {
            self.name = name
            self.organizations = organizations
            self.hostNames = hostNames
            self.addresses = addresses
            self.days = days
        }
    }

    private static let common = Result { try CertificateAuthority(named: "clusterdns tests") }
    private static let newKey = [
        "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem",
    ]

    /// Whether certificates can be made here.
    public static var isAvailable: Bool { Tool("openssl") != nil }
    /// Why not.
    public static let unavailable = "openssl is not installed"

    /// Its own certificate, PEM: whom to trust.
    public let certificate: [UInt8]
    private let key: [UInt8]

    /// The one that all tests of this process share.
    public static func shared() throws -> CertificateAuthority { try common.get() }

    /// A new one.
    public init(named name: String) throws {
        let directory = try TemporaryDirectory()
        try directory.write(CertificateAuthority.configuration(["basicConstraints=critical,CA:TRUE"]), to: "conf")
        let arguments = ["req", "-x509", "-config", "conf", "-extensions", "ext", "-subj", "/CN=\(name)", "-days", "2"]
        try CertificateAuthority.openSSL(
            arguments + CertificateAuthority.newKey + ["-out", "certificate.pem"], in: directory)
        certificate = directory.content(of: "certificate.pem") ?? []
        key = directory.content(of: "key.pem") ?? []
    }

    /// A certificate signed by this authority, with a key of its own.
    public func issue(_ subject: Subject) throws -> Pair {
        let directory = try TemporaryDirectory()
        let names = subject.hostNames.map { "DNS:\($0)" } + subject.addresses.map { "IP:\($0)" }
        let extensions =
            names.isEmpty
            ? ["extendedKeyUsage=clientAuth"]
            : ["extendedKeyUsage=serverAuth", "subjectAltName=\(names.joined(separator: ","))"]
        try directory.write(CertificateAuthority.configuration(extensions), to: "conf")
        try directory.write(certificate, to: "ca.pem")
        try directory.write(key, to: "ca.key")
        let words = subject.organizations.map { "/O=\($0)" }.joined() + "/CN=\(subject.name)"
        try CertificateAuthority.openSSL(
            ["req", "-new", "-config", "conf", "-subj", words, "-out", "request.pem"] + CertificateAuthority.newKey,
            in: directory)
        let serial = "\(UInt64.random(in: 1...UInt64(Int64.max)))"
        try CertificateAuthority.openSSL(
            [
                "x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", serial,
                "-days", "\(subject.days)", "-extfile", "conf", "-extensions", "ext", "-out", "certificate.pem",
            ], in: directory)
        return Pair(
            certificate: directory.content(of: "certificate.pem") ?? [], key: directory.content(of: "key.pem") ?? [])
    }

    private static func configuration(_ extensions: [String]) -> [UInt8] {
        let lines = ["[req]", "distinguished_name=dn", "[dn]", "[ext]"] + extensions
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    private static func openSSL(_ arguments: [String], in directory: TemporaryDirectory) throws {
        guard let tool = Tool("openssl") else { throw ClientError(reason: unavailable) }
        try tool.run(arguments, in: directory)
    }
}
