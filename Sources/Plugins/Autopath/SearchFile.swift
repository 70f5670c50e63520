import DNSMessage

/// The search domains of a file in the manner of resolv.conf(5), looked at again and again.
struct SearchFile {
    /// Domains that are taken of one file; each may cost a query.
    static let domainsMax = 16
    /// No such file is larger, in bytes.
    private static let bytesMax = 64 << 10

    /// What a look came to.
    enum Look {
        case unchanged
        case domains([Name])
        /// Why there are none.
        case failed(String)
    }

    private var file: HostsFile

    init(_ path: String) { file = HostsFile(path, maxBytes: Self.bytesMax) }

    /// Reads the file if it is another one than before.
    mutating func look() -> Look {
        switch file.look() {
        case .unchanged: .unchanged
        case .absent: .failed("it does not exist")
        case .failed(let reason): .failed(reason)
        case .content(let bytes, _): .domains(Self.domains(String(decoding: bytes, as: UTF8.self)))
        }
    }

    /// Of several lines the last counts; what is no name is passed over.
    static func domains(_ text: String) -> [Name] {
        var domains: [Name] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard let word = words.first, word == "search" || word == "domain" else { continue }
            domains = words.dropFirst().compactMap { try? Name($0) }.filter { $0 != .root }
        }
        return Array(domains.prefix(domainsMax))
    }
}
