public import Dispatch
import Glibc

/// The credentials of a connection, kept fresh. Everything on one queue.
public final class Credentials {
    private let queue: DispatchQueue
    private let keeper: Keeper

    /// By where they come from.
    private enum Keeper {
        /// Always the same.
        case fixed(Result<RequestCredentials, CredentialFault>)
        case tokenFile(TokenFile)
        case certificateFiles(CertificateFiles)
        case exec(PluginCredentials)
    }

    /// Credentials from a source.
    public convenience init(_ source: CredentialSource, queue: DispatchQueue) {
        self.init(source, queue: queue, timeLimit: .seconds(ConnectionLimits.pluginSeconds), now: Self.secondsSince1970)
    }

    init(
        _ source: CredentialSource, queue: DispatchQueue, timeLimit: Duration, now: @escaping () -> Double
    ) {
        self.queue = queue
        switch source {
        case .none: keeper = .fixed(.success(RequestCredentials()))
        case .token(let token): keeper = .fixed(Self.fixed(token))
        case .basic(let user, let password):
            let authorization = Authorization.basic(user: user, password: password)
            keeper = .fixed(.success(RequestCredentials(authorization: authorization)))
        case .tokenFile(let path): keeper = .tokenFile(TokenFile(path))
        case .certificateFiles(let certificate, let key):
            keeper = .certificateFiles(CertificateFiles(certificate: certificate, key: key))
        case .exec(let plugin):
            keeper = .exec(PluginCredentials(plugin, queue: queue, timeLimit: timeLimit, now: now))
        }
    }

    private static func fixed(_ token: String) -> Result<RequestCredentials, CredentialFault> {
        do {
            return .success(RequestCredentials(authorization: try Authorization.bearer(token.utf8)))
        } catch {
            return .failure(CredentialFault("the token \(error.words)"))
        }
    }

    private static func secondsSince1970() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }

    /// Hands over what the next request carries, at once or later, on the queue. On the queue.
    public func current(_ handle: @escaping (Result<RequestCredentials, CredentialFault>) -> Void) {
        dispatchPrecondition(condition: .onQueue(queue))
        switch keeper {
        case .fixed(let result): handle(result)
        case .tokenFile(let file): handle(file.current())
        case .certificateFiles(let files): handle(files.current())
        case .exec(let plugin): plugin.current(handle)
        }
    }

    /// The server refused them (401): what was kept is forgotten. On the queue.
    public func refused() {
        dispatchPrecondition(condition: .onQueue(queue))
        switch keeper {
        case .fixed: break
        case .tokenFile(let file): file.forget()
        case .certificateFiles(let files): files.forget()
        case .exec(let plugin): plugin.forget()
        }
    }
}

/// Why there are no credentials, in one sentence for an operator, without a final stop.
public struct CredentialFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The sentence.
    public let description: String

    /// A fault.
    public init(_ description: String) { self.description = description }
}
