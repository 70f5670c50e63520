/// What keeps files and programs from taking more than they should.
enum ConnectionLimits {
    /// A kubeconfig of a thousand clusters with their certificates.
    static let kubeconfigBytes = 8 << 20
    /// Certificates and keys; a bundle of all public authorities has 250 KB.
    static let pemBytes = 1 << 20
    /// A service account's token has 1 KB; HTTP servers refuse header fields of 64 KB.
    static let tokenBytes = 64 << 10
    /// The name of a namespace has 63 bytes at most.
    static let namespaceBytes = 256
    /// Names that a sentence lists.
    static let namesListed = 20
    /// What a credential plugin may print.
    static let pluginOutputBytes = 256 << 10
    /// The end of what a credential plugin says on its standard error.
    static let pluginErrorBytes = 4 << 10
    /// Reads of a plugin's output before other work on the queue gets its turn, and after its end.
    static let pluginReadsPerWakeUp = 64
    /// Characters of a plugin's last line, or of its `installHint`, that a sentence repeats.
    static let pluginWords = 300
    /// Time for a credential plugin to end.
    static let pluginSeconds = 60
    /// Requests that wait for the same run of a plugin.
    static let pluginWaiting = 64
    /// Credentials that end within this time are renewed before they are used.
    static let expiryMarginSeconds = 5.0
}
