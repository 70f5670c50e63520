/// Text encodings of certificates and keys (RFC 7468), understood as far as it takes to tell a wrong file from a right
/// one: what is inside is left to whoever uses it.
struct PEMText {
    private struct Block {
        var label: Substring
        /// `Proc-Type: 4,ENCRYPTED` (RFC 1421).
        var isEncrypted = false
        var body: [UInt8] = []

        /// Whether it is whole: base64 of something that starts like a DER sequence, unless it is encrypted.
        var isWhole: Bool {
            guard let first = Base64.decode(body)?.first else { return false }
            return first == 0x30 || isEncrypted
        }
    }

    private var blocks: [Block] = []

    init(_ bytes: [UInt8]) {
        var open: Block?
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            if let label = Self.label(line, "-----BEGIN ") {
                open = Block(label: label)
            } else if let label = Self.label(line, "-----END ") {
                if let block = open, block.label == label, block.isWhole { blocks.append(block) }
                open = nil
            } else if line.contains(":") {
                if line.contains("ENCRYPTED") { open?.isEncrypted = true }
            } else {
                open?.body += Array(line.utf8)
            }
        }
    }

    private static func label(_ line: Substring, _ prefix: String) -> Substring? {
        guard line.hasPrefix(prefix), let end = line.dropFirst(prefix.count).firstRange(of: "-----") else { return nil }
        return line.dropFirst(prefix.count)[..<end.lowerBound]
    }

    /// Throws what follows the name of the text, where there is no certificate in it.
    func checkCertificates() throws(Mistake) {
        guard !blocks.contains(where: { $0.label == "CERTIFICATE" }) else { return }
        throw Mistake("holds no certificate (-----BEGIN CERTIFICATE-----)")
    }

    /// Throws what follows the name of the text, where there is no private key in it.
    func checkPrivateKey() throws(Mistake) {
        let keys = blocks.filter { $0.label == "PRIVATE KEY" || $0.label.hasSuffix(" PRIVATE KEY") }
        guard let key = keys.first else { throw Mistake("holds no private key (-----BEGIN PRIVATE KEY-----)") }
        guard !key.isEncrypted, key.label != "ENCRYPTED PRIVATE KEY" else {
            throw Mistake("holds an encrypted private key, and nobody is there to be asked for its passphrase")
        }
    }
}
