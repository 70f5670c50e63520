/// Why an upstream cannot be set up, as a clause for whoever wrote the configuration.
public struct UpstreamMistake: Error, Equatable, CustomStringConvertible {
    /// `the key does not fit the certificate`.
    public let description: String

    init(_ description: String) { self.description = description }
}
