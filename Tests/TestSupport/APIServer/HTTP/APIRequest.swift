public import KubernetesWatch

/// A request that the server received.
public struct APIRequest: Sendable {
    /// What a client wants of a resource.
    public enum Verb: String, Sendable { case get, list, watch }

    /// When its head was complete: CLOCK_MONOTONIC.
    public let nanoseconds: UInt64
    /// Which connection it came over, counted from 1.
    public let connection: Int
    /// `GET`.
    public let method: String
    /// Without the query.
    public let path: String
    /// What stands behind the question mark, as received.
    public let query: String
    /// The query taken apart and decoded; of several values of a name the first.
    public let parameters: [String: String]
    /// Header fields, names in lower case.
    public let headers: [String: String]
    /// What is asked for; nil for paths of no resource.
    let target: APITarget?

    /// `Accept`.
    public var accept: String { headers["accept"] ?? "" }
    /// `Authorization`; nil without one.
    public var authorization: String? { headers["authorization"] }
    /// `User-Agent`.
    public var userAgent: String { headers["user-agent"] ?? "" }
    /// The resource, if it is one that the server could have.
    public var resource: WatchedResource? { target?.watched }
    /// What is wanted of the resource.
    public var verb: Verb {
        if let target, !target.name.isEmpty { return .get }
        return ["true", "1"].contains(parameters["watch"] ?? "") ? .watch : .list
    }

    /// A head as received, without the empty line; nil if it is none.
    init?(head: [UInt8], connection: Int, nanoseconds: UInt64) {
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { return nil }
        self.nanoseconds = nanoseconds
        self.connection = connection
        method = String(words[0])
        let parts = words[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = PercentEncoding.decode(parts[0])
        query = parts.count > 1 ? String(parts[1]) : ""
        parameters = Self.parameters(query)
        headers = Dictionary(
            lines.dropFirst().compactMap(Self.field), uniquingKeysWith: { first, _ in first })
        target = APITarget(path)
    }

    private static func parameters(_ query: String) -> [String: String] {
        let pairs = query.split(separator: "&").map { item in
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? PercentEncoding.decode(parts[1], plusIsSpace: true) : ""
            return (PercentEncoding.decode(parts[0], plusIsSpace: true), value)
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    private static func field(_ line: Substring) -> (String, String)? {
        guard let colon = line.firstIndex(of: ":") else { return nil }
        let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        return (line[..<colon].lowercased(), String(value))
    }
}

/// What a path of the API leads to.
struct APITarget: Hashable, Sendable {
    var group = ""
    var version = ""
    var namespace = ""
    var resource = ""
    /// Empty for a whole collection.
    var name = ""

    /// Nil for paths outside of groups, and of groups themselves.
    init?(_ path: String) {
        var parts = path.split(separator: "/").map(String.init)[...]
        switch parts.popFirst() {
        case "api": group = ""
        case "apis":
            guard let name = parts.popFirst() else { return nil }
            group = name
        default: return nil
        }
        guard let version = parts.popFirst(), let first = parts.popFirst() else { return nil }
        self.version = version
        resource = first
        guard let second = parts.popFirst() else { return }
        if first == "namespaces", let third = parts.popFirst() {
            (namespace, resource) = (second, third)
            name = parts.popFirst() ?? ""
        } else {
            name = second
        }
    }

    /// The resource, of whatever server.
    var watched: WatchedResource? {
        WatchedResource(rawValue: resource).flatMap { resource in
            let prefix = group.isEmpty ? "/api/\(version)/" : "/apis/\(group)/\(version)/"
            return resource.path == prefix + self.resource ? resource : nil
        }
    }
}

/// Percent-encoding (RFC 3986 section 2.1).
enum PercentEncoding {
    static func decode(_ text: Substring, plusIsSpace: Bool = false) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                let digits = rest.prefix(2)
                if digits.count == 2, let value = UInt8(String(Substring(digits)), radix: 16) {
                    bytes.append(value)
                    rest.removeFirst(2)
                } else {
                    bytes.append(byte)
                }
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
