import Glibc

/// Where `{$NAME}` and `{%NAME%}` get their values.
public struct Environment: Sendable {
    private let value: @Sendable (String) -> String?

    /// The environment of this process.
    public static let process = Environment { name in getenv(name).map { String(cString: $0) } }

    /// An environment that is looked up with a function; nil means not set.
    public init(_ value: @escaping @Sendable (String) -> String?) {
        self.value = value
    }

    /// An environment of fixed values.
    public init(_ values: [String: String]) {
        self.init { values[$0] }
    }

    /// The value of a variable; nil if it is not set.
    public func value(of name: String) -> String? { value(name) }

    /// The text with all references replaced by their values, and the variables that are not set: those count as empty.
    func expand(_ text: String) -> (text: String, unset: [String]) {
        var result = ""
        var unset: [String] = []
        var rest = text[...]
        while let brace = rest.firstIndex(of: "{") {
            result += rest[..<brace]
            rest = rest[brace...]
            if let (name, end) = Self.reference(in: rest) {
                let found = value(name)
                if found == nil, !unset.contains(name) { unset.append(name) }
                result += found ?? ""
                rest = rest[end...]
            } else {
                result.append(rest.removeFirst())
            }
        }
        return (result + rest, unset)
    }

    /// The variable that `text` begins with a reference to, and where the reference ends. An empty name is none.
    private static func reference(in text: Substring) -> (name: String, end: Substring.Index)? {
        for (opening, closing) in [("{$", "}"), ("{%", "%}")] where text.hasPrefix(opening) {
            let inside = text.dropFirst(opening.count)
            guard let close = inside.firstRange(of: closing) else { continue }
            let name = inside[..<close.lowerBound]
            guard !name.isEmpty, !name.contains("{") else { continue }
            return (String(name), close.upperBound)
        }
        return nil
    }
}
