import YAML

/// Certificates and keys, inline or in files.
extension KubeconfigReader {
    enum PEMSource {
        case inline([UInt8])
        case file(path: String, [UInt8])

        var bytes: [UInt8] {
            switch self {
            case .inline(let bytes), .file(_, let bytes): bytes
            }
        }
    }

    enum PEMContent { case certificates, privateKey }

    /// What `NAME-data` holds, or the file that `NAME` names; the data win. Nil where there is neither, or a mistake.
    mutating func pem(
        _ owner: Field, _ file: StaticString, data: StaticString, of whose: String, _ content: PEMContent
    ) -> PEMSource? {
        if let field = member(owner, data) {
            let text = text(of: field)
            if !text.isEmpty { return inline(text, field, "\(data) of \(whose)", content) }
        }
        guard let field = member(owner, file) else { return nil }
        let name = text(of: field)
        guard !name.isEmpty else { return nil }
        let path = resolved(name)
        let bytes = note(field, "\(file) of \(whose):") { () throws(Mistake) in
            switch content {
            case .certificates: try ConnectionFile.certificates(path)
            case .privateKey: try ConnectionFile.privateKey(path)
            }
        }
        return bytes.map { .file(path: path, $0) }
    }

    private mutating func inline(_ text: String, _ field: Field, _ name: String, _ content: PEMContent) -> PEMSource? {
        guard let bytes = Base64.decode(text.utf8) else {
            fail(field, "\(name) is not base64")
            return nil
        }
        let checked: Void? = note(field, name) { () throws(Mistake) in
            let text = PEMText(bytes)
            switch content {
            case .certificates: try text.checkCertificates()
            case .privateKey: try text.checkPrivateKey()
            }
        }
        return checked == nil ? nil : .inline(bytes)
    }

    /// What was read; nil, and a mistake more in the line of the field, where it was not.
    mutating func note<Value>(_ field: Field, _ name: String, _ read: () throws(Mistake) -> Value) -> Value? {
        mistakes.note("\(path):\(field.line): \(name)", read)
    }
}
