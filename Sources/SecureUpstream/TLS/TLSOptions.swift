/// How an upstream over TLS is trusted, and who we are to it. PEM throughout.
public struct TLSOptions: Hashable, Sendable {
    /// Certificates to trust; nil trusts those of the system.
    public var authorities: [UInt8]?
    /// A certificate of our own, and the chain above it.
    public var certificate: [UInt8]?
    /// Its private key.
    public var key: [UInt8]?
    /// Name in the server's certificate, and of SNI: `tls_servername`. Without one the certificate must be for the
    /// address.
    public var serverName: String?

    /// Trusts what the system trusts, for the address.
    public init() {}
}
