import DNSMessage
import HostFiles

/// The names of a hosts file and their addresses, of all lines that have them, as glibc reads it.
struct HostsNames: Sendable {
    /// An address of a name, and the first name of that line.
    struct Entry: Hashable {
        let address: IPAddress
        let canonicalName: Name
    }

    private var entries: [Name: [Entry]] = [:]
    private var names: [IPAddress: [Name]] = [:]

    /// None.
    init() {}

    /// Lines that cannot be read are passed over.
    init(_ text: [UInt8]) {
        var rest = text[...]
        var room = Limits.hostsNamesMax
        while !rest.isEmpty, room > 0 {
            let line = rest.prefix { $0 != UInt8(ascii: "\n") }
            rest = rest.dropFirst(line.count + 1)
            guard let line = try? HostsLine(line) else { continue }
            let found = line.names.prefix(room).compactMap { try? HostsLine.name($0) }
            room -= found.count
            guard let first = found.first else { continue }
            for name in found {
                let entry = Entry(address: line.address, canonicalName: first)
                if entries[name]?.contains(entry) != true { entries[name, default: []].append(entry) }
                if names[line.address]?.contains(name) != true { names[line.address, default: []].append(name) }
            }
        }
    }

    /// Those of the families.
    func entries(of name: Name, _ families: AddressFamilies) -> [Entry] {
        (entries[name] ?? []).filter { families.contains($0.address.family == .v4 ? .v4 : .v6) }
    }

    /// In the order of the file.
    func names(of address: IPAddress) -> [Name] { names[address] ?? [] }
}
