import KubernetesWatch

/// Why a directory could not be set up, or is not in sync. Each description is a sentence that says what to do.
public enum DirectoryError: Error, Hashable, Sendable {
    /// There is nothing to reach an API server with: no service account, or a kubeconfig with mistakes.
    case noConnection([String])
    /// The API server could not be reached, or not trusted, in time.
    case unreachable(String)
    /// The API server does not know who asks, or our credentials could not be had.
    case unauthorized(String)
    /// The role lacks permissions.
    case forbidden(String)
    /// The API server was reached, but with no use.
    case failing(String)
    /// Nothing is wrong so far, but these resources had not arrived in time.
    case tooSlow(missing: [String])
    /// Manifests that could not be read as a whole: each mistake with file, line and column.
    case manifests([String])
    /// The name of a namespace that cannot be one.
    case badNamespace(String)
    /// The task was cancelled.
    case cancelled
    /// The directory was closed.
    case closed
}

extension DirectoryError: CustomStringConvertible {
    /// A sentence without a final stop.
    public var description: String {
        switch self {
        case .noConnection(let mistakes), .manifests(let mistakes): mistakes.joined(separator: "; ")
        case .unreachable(let failure): "\(failure); check the address, the certificates and the network"
        case .unauthorized(let failure): "\(failure); check the token, the certificate or the credential plugin"
        case .forbidden(let failure): "\(failure); the role needs list and watch on \(Self.permissions)"
        case .failing(let failure): failure
        case .tooSlow(let missing): "not here in time: \(missing.joined(separator: ", ")); allow more time"
        case .badNamespace(let name): "'\(name)' cannot be the name of a namespace"
        case .cancelled: "the task was cancelled before the cluster was known"
        case .closed: "the directory is closed"
        }
    }

    private static let permissions = "namespaces, services and endpointslices.discovery.k8s.io"
}

extension DirectoryError {
    /// What keeps a directory from being in sync: of several failures the one that an operator must see to.
    init(_ failures: [WatchedResource: WatchFailure], missing: Set<WatchedResource>) {
        let ordered = failures.sorted { $0.key.rawValue < $1.key.rawValue }
        let made = ordered.map { DirectoryError($0.value, watching: $0.key) }
        // Nothing but manifests has no resources.
        let slow = missing.isEmpty ? ["manifests"] : missing.map(\.rawValue).sorted()
        self = made.min { $0.urgency < $1.urgency } ?? .tooSlow(missing: slow)
    }

    private init(_ failure: WatchFailure, watching resource: WatchedResource) {
        let sentence = failure.sentence(watching: resource)
        switch failure.kind {
        case .unreachable, .tls, .cut, .silent: self = .unreachable(sentence)
        case .credentials, .unauthorized: self = .unauthorized(sentence)
        case .forbidden: self = .forbidden(sentence)
        case .missing, .throttled, .expired, .server, .garbled: self = .failing(sentence)
        }
    }

    private var urgency: Int {
        switch self {
        case .unauthorized: 0
        case .forbidden: 1
        case .failing: 2
        default: 3
        }
    }
}

extension WatchFailure {
    func sentence(watching resource: WatchedResource) -> String { "cannot watch \(resource.rawValue): \(self)" }
}
