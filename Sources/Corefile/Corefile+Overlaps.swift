extension Corefile {
    /// Reports zones that two blocks would serve on the same port and address.
    ///
    /// Blocks with a `view` may repeat a zone, since the view decides which of them answers. Blocks that are bound to
    /// different addresses may, too; `addresses` gives those of a block, none for all. Unless told otherwise these are
    /// the words of its `bind` lines: right as long as no interface is named in one and its address in another.
    public func reportOverlaps(
        defaultPort: UInt16, _ diagnostics: inout Diagnostics,
        addresses: (ServerBlock) -> [String] = Corefile.boundAddresses(of:)
    ) {
        var listeners = Listeners()
        for block in blocks where block.directives(named: "view").isEmpty {
            let addresses = addresses(block)
            for key in block.keys {
                for zone in key.zones {
                    let port = key.port ?? key.scheme.defaultPort(dns: defaultPort)
                    let served = "\(key.scheme.rawValue)://\(zone):\(port)"
                    listeners.add(served, key.word, addresses, &diagnostics)
                }
            }
        }
    }

    /// The words of the `bind` lines of a block.
    public static func boundAddresses(of block: ServerBlock) -> [String] {
        block.directives(named: "bind").flatMap { $0.arguments.map(\.text) }
    }
}

/// Who serves what so far.
private struct Listeners {
    private var unbound: [String: Word] = [:]
    private var bound: [String: [String: Word]] = [:]

    mutating func add(_ served: String, _ word: Word, _ addresses: [String], _ diagnostics: inout Diagnostics) {
        if let (sentence, earlier) = conflict(served, addresses) {
            diagnostics.error(
                at: word, "cannot serve \(served) - \(sentence)", hint: "the other one is at \(earlier.position)")
        }
        if addresses.isEmpty {
            unbound[served] = unbound[served] ?? word
        } else {
            for address in addresses { bound[served, default: [:]][address] = word }
        }
    }

    private func conflict(_ served: String, _ addresses: [String]) -> (String, Word)? {
        let others = bound[served] ?? [:]
        if addresses.isEmpty {
            if let earlier = unbound[served] { return ("it is already defined", earlier) }
            guard let (address, earlier) = others.min(by: { $0.key < $1.key }) else { return nil }
            return ("zone overlap listener capacity with \(served) on \(address)", earlier)
        }
        for address in addresses {
            if let earlier = others[address] { return ("it is already defined on \(address)", earlier) }
        }
        return unbound[served].map { ("zone overlap listener capacity with \(served) on \(addresses[0])", $0) }
    }
}
