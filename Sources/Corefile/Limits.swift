/// Bounds of what a configuration may ask of us; far above anything sensible, so that a mistake cannot eat the machine.
enum Limits {
    /// The size of one configuration file. A ConfigMap holds 1 MiB at most.
    static let fileMaxBytes = 4 << 20
    /// All imports of a configuration together; CoreDNS has the same number.
    static let importsMax = 10_000
    /// How deep imports may nest.
    static let importDepthMax = 64
    /// Words after which nothing more is imported.
    static let wordsMax = 1_000_000
    /// How deep braces may nest inside a server block.
    static let blockDepthMax = 16
    /// Snippets without a closing brace for which the end is guessed; each costs a walk to the end of the file.
    static let unclosedSnippetsMax = 20
    /// Diagnostics kept; the rest is only counted.
    static let diagnosticsMax = 1_000
    /// Diagnostics printed unless the caller says otherwise.
    static let printedDiagnosticsMax = 50
    /// The part of a source line that is printed under a diagnostic.
    static let shownLineMaxScalars = 160
    /// A word inside a message.
    static let shownWordMaxScalars = 80
    /// `imported at` lines printed under a diagnostic.
    static let shownImportsMax = 4
    /// Words longer than this get no did-you-mean.
    static let suggestionMaxScalars = 64
    /// Candidates that are listed whole when none of them is similar.
    static let listedCandidatesMax = 12
    /// RFC 1035 §2.3.4: a name in wire form.
    static let nameMaxBytes = 255
    /// RFC 1035 §2.3.4: a label.
    static let labelMaxBytes = 63
}
