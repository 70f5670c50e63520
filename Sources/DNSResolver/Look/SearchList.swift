import DNSMessage

/// The names that a relative name may stand for, in the order in which glibc tries them (`__res_context_search`).
struct SearchList {
    /// Never empty, but for a name without a dot under `no-tld-query`.
    private(set) var candidates: [Name] = []
    /// Which of them is the name as it was written; nil if none is.
    private(set) var asWritten: Int?

    init(_ text: String, _ name: Name, _ configuration: ResolverConfiguration) {
        let dots = text.utf8.count { $0 == UInt8(ascii: ".") }
        guard !Self.isAbsolute(text), name != .root else {
            (candidates, asWritten) = ([name], 0)
            return
        }
        if dots >= configuration.ndots { addAsWritten(name) }
        for suffix in configuration.search {
            // `search .` is the name as it was written.
            if suffix == .root {
                addAsWritten(name)
            } else if let candidate = try? name.appending(suffix) {
                candidates.append(candidate)
            }
        }
        let isTopLevel = dots == 0 && configuration.omitsTopLevel && !configuration.search.isEmpty
        if !isTopLevel { addAsWritten(name) }
    }

    private mutating func addAsWritten(_ name: Name) {
        guard asWritten == nil else { return }
        asWritten = candidates.count
        candidates.append(name)
    }

    /// Whether it ends with a dot that is not escaped.
    static func isAbsolute(_ text: String) -> Bool {
        guard text.hasSuffix(".") else { return false }
        let backslashes = text.dropLast().reversed().prefix { $0 == "\\" }.count
        return backslashes.isMultiple(of: 2)
    }
}
