public import Corefile

/// Keeps the Corefile that the process serves; a plugin may ask it to look for another one and to go over to it.
public protocol CorefileKeeping: AnyObject, Sendable {
    /// Whether the Corefile can change at all; what came through standard input cannot.
    var canChange: Bool { get }
    /// Reads the Corefile and everything that it imports, as they are now. Takes as long as files take.
    func look() -> CorefileLook
    /// Goes over to what the Corefile says now, if that can be served, and tells what came of it; from a queue of the
    /// keeper's own. With what cannot be served everything stays as it is.
    func reload(_ done: @escaping @Sendable (ReloadOutcome) -> Void)
}

/// What a Corefile says, seen from afar.
public struct CorefileLook: Sendable {
    /// What was found.
    public enum Found: Sendable {
        /// A configuration, which may or may not be one that can be served.
        case digest(String)
        /// No server block at all.
        case nothing
        /// Text that is no Corefile: the first mistake, in a line.
        case broken(String)
        /// No file; a clause.
        case unreadable(String)
    }

    /// What was found.
    public var found: Found
    /// Directories of the files that were read, where changes can be watched for.
    public var directories: Set<String>

    /// The configuration's, if there is one.
    public var digest: String? { if case .digest(let digest) = found { digest } else { nil } }

    /// A look.
    public init(_ found: Found, directories: Set<String>) {
        self.found = found
        self.directories = directories
    }
}

/// What came of a reload.
public enum ReloadOutcome: Sendable {
    /// The new configuration serves; the plugins of the old one have been stopped.
    case done
    /// The old configuration goes on: why, in a line, and the digest of what could not be served if there was one.
    case failed(String, digest: String?)
    /// There was nothing to go over to; a clause.
    case unreadable(String)
    /// The same, but what is missing may come by itself, so that another attempt is worth it.
    case notYet(String)
}

/// What the process knows of the Corefile that a block is set up from.
public struct CorefileContext: Sendable {
    /// All of it.
    public var corefile: Corefile
    /// Tells the configuration from others: `Corefile.digest`.
    public var digest: String
    /// Whom to ask for another one; nil in tests of a single plugin.
    public var keeper: (any CorefileKeeping)?

    /// A context.
    public init(corefile: Corefile = Corefile(), digest: String = "", keeper: (any CorefileKeeping)? = nil) {
        self.corefile = corefile
        self.digest = digest
        self.keeper = keeper
    }
}
