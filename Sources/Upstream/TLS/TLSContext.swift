/// What connections over TLS to an upstream have in common; made once, shared by all workers.
public final class TLSContext: Sendable {
    /// What it was made of.
    public let options: TLSOptions

    /// Reads certificates and key.
    public init(_ options: TLSOptions) throws(UpstreamMistake) {
        self.options = options
    }
}

extension TLSContext: Hashable {
    /// Equal options make equal connections.
    public static func == (a: TLSContext, b: TLSContext) -> Bool { a.options == b.options }

    /// By the options.
    public func hash(into hasher: inout Hasher) { hasher.combine(options) }
}
