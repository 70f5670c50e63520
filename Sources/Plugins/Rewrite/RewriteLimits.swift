/// Bounds of `rewrite`.
enum RewriteLimits {
    /// Longest regular expression, in characters.
    static let patternLengthMax = 10_000
    /// Longest value of an EDNS option of a Corefile, in bytes.
    static let optionLengthMax = 512
    /// Longest EDNS options of a request, all together, in bytes: what makes them longer is left out.
    static let optionsLengthMax = 4096
}
