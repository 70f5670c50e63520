public import Dispatch

/// The credentials of a connection, kept fresh. Everything on one queue.
public final class Credentials {
    /// Credentials from a source.
    public init(_ source: CredentialSource, queue: DispatchQueue) {}

    /// Hands over what the next request carries, at once or later, on the queue. On the queue.
    public func current(_ handle: @escaping (Result<RequestCredentials, CredentialFault>) -> Void) {}

    /// The server refused them (401): what was kept is forgotten. On the queue.
    public func refused() {}
}

/// Why there are no credentials, in one sentence for an operator, without a final stop.
public struct CredentialFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The sentence.
    public let description: String

    /// A fault.
    public init(_ description: String) { self.description = description }
}
