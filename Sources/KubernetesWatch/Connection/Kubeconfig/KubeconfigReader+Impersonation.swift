import HTTPClient
import YAML

/// `as`, `as-uid`, `as-groups` and `as-user-extra`: acting as somebody else.
extension KubeconfigReader {
    mutating func impersonation(of user: Field, _ whose: String) -> [HTTPHeader] {
        var headers: [HTTPHeader] = []
        let name = header("Impersonate-User", user, "as")
        if let name { headers.append(name) }
        if let uid = header("Impersonate-Uid", user, "as-uid") { headers.append(uid) }
        for group in elements(user, "as-groups") {
            headers.append(HTTPHeader("Impersonate-Group", value(of: group)))
        }
        for key in mapping(user, "as-user-extra")?.elements ?? [] {
            guard !(key.tree.nodes[key.node].isPlain && key.tree.isText(key.node, "<<")) else { continue }
            let field = "Impersonate-Extra-" + Self.escaped(text(of: key))
            guard key.value.isSequence else {
                fail(key.value, "\(key.value.path) must be a sequence")
                continue
            }
            for extra in key.value.elements { headers.append(HTTPHeader(field, value(of: extra))) }
        }
        if name == nil, !headers.isEmpty {
            fail(user, "\(whose) has as-uid, as-groups or as-user-extra without as")
        }
        return headers
    }

    private mutating func header(_ name: String, _ owner: Field, _ key: StaticString) -> HTTPHeader? {
        guard let field = member(owner, key) else { return nil }
        let value = value(of: field)
        return value.isEmpty ? nil : HTTPHeader(name, value)
    }

    /// A text that is a field's value: nothing that could end it and begin another (RFC 9110 section 5.5).
    private mutating func value(of field: Field) -> String {
        let text = text(of: field)
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            fail(field, "\(field.path) must not hold control characters")
            return ""
        }
        return text
    }

    /// Percent-encodes what no field name may contain (RFC 9110 section 5.6.2), as the API server undoes it.
    private static func escaped(_ key: String) -> String {
        key.utf8.reduce(into: "") { result, byte in
            let isLetterOrDigit = 0x61...0x7A ~= byte | 0x20 || 0x30...0x39 ~= byte
            if isLetterOrDigit || "!#$&'*+-.^_`|~".utf8.contains(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
    }
}
