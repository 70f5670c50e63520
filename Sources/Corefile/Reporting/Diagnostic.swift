/// One mistake, or one doubt, with the place it was found at.
public struct Diagnostic: Sendable, Equatable {
    /// How much a diagnostic matters.
    public enum Severity: String, Sendable {
        /// The configuration cannot be served.
        case error
        /// It can be served, but probably not as it was meant.
        case warning
    }

    /// Whether the configuration can be served all the same.
    public var severity: Severity
    /// Where the underline begins.
    public var position: SourcePosition
    /// What is wrong, in one sentence without a full stop.
    public var message: String
    /// How many columns are underlined.
    public var length: Int
    /// What to do about it, such as `did you mean 'forward'?`.
    public var hint: String?

    /// Makes a diagnostic.
    public init(severity: Severity, position: SourcePosition, message: String, length: Int, hint: String? = nil) {
        self.severity = severity
        self.position = position
        self.message = message
        self.length = length
        self.hint = hint
    }
}
