import DNSMessage

/// What `/etc/resolv.conf` says (resolv.conf(5)).
struct SystemResolver: Equatable {
    /// In the order of the file.
    var servers: [SocketAddress] = []
    /// In the order of the file.
    var search: [Name] = []
    /// Names with fewer dots are looked for below the search list first.
    var dotsMin = 1

    /// The names to ask for, one after another, in place of one without a final dot.
    func names(for name: Name) -> [Name] {
        let searched = search.compactMap { try? Name("\(name)\($0 == .root ? "" : "\($0)")") }
        let isFirst = name.labelCount > dotsMin
        return isFirst ? [name] + searched : searched + [name]
    }
}
