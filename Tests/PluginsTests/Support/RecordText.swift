import DNSMessage

/// Records as the recordings of CoreDNS write them: `www.example.org. 60 IN A 192.0.2.1`.
extension Record {
    init(_ text: String) {
        let words = text.split(separator: " ").map(String.init)
        guard words.count > 4, let ttl = UInt32(words[1]), let `class` = RecordClass(words[2]),
            let data = RecordData(type: words[3], Array(words[4...]))
        else { preconditionFailure("\(text) is no record that tests can read") }
        self.init(Name(stringLiteral: words[0]), ttl: ttl, class: `class`, data)
    }

    var text: String { "\(name) \(ttl) \(`class`) \(type) \(data.text)" }
}

extension RecordData {
    fileprivate init?(type: String, _ words: [String]) {
        let name = Name(stringLiteral: words.last ?? ".")
        let numbers = words.compactMap { UInt32($0) }
        switch (type, words.count) {
        case ("A", 1): self = .a(IPAddress(words[0]) ?? IPAddress(v4: 0))
        case ("AAAA", 1): self = .aaaa(IPAddress(words[0]) ?? IPAddress(high: 0, low: 0))
        case ("CNAME", 1): self = .cname(name)
        case ("NS", 1): self = .ns(name)
        case ("PTR", 1): self = .ptr(name)
        case ("MX", 2): self = .mx(preference: UInt16(numbers[0]), exchange: name)
        case ("TXT", 1): self = .txt([Array(words[0].filter { $0 != "\"" }.utf8)])
        case ("SRV", 4):
            self = .srv(
                priority: UInt16(numbers[0]), weight: UInt16(numbers[1]), port: UInt16(numbers[2]), target: name)
        case ("SOA", 7):
            self = .soa(
                StartOfAuthority(
                    primaryServer: Name(stringLiteral: words[0]), responsibleMailbox: Name(stringLiteral: words[1]),
                    serial: numbers[0], refresh: numbers[1], retry: numbers[2], expire: numbers[3],
                    minimum: numbers[4]))
        default: return nil
        }
    }

    fileprivate var text: String {
        switch self {
        case .a(let address), .aaaa(let address): address.description
        case .cname(let name), .ns(let name), .ptr(let name), .dname(let name): name.description
        case .mx(let preference, let exchange): "\(preference) \(exchange)"
        case .srv(let priority, let weight, let port, let target): "\(priority) \(weight) \(port) \(target)"
        case .txt(let strings): strings.map(quoted).joined(separator: " ")
        case .hinfo(let cpu, let os): "\(quoted(cpu)) \(quoted(os))"
        case .soa(let soa):
            "\(soa.primaryServer) \(soa.responsibleMailbox) \(soa.serial) \(soa.refresh) \(soa.retry) \(soa.expire) "
                + "\(soa.minimum)"
        case .other(_, let bytes): "\\# \(bytes.count)"
        }
    }

    private func quoted(_ bytes: [UInt8]) -> String { "\"\(String(decoding: bytes, as: UTF8.self))\"" }
}
