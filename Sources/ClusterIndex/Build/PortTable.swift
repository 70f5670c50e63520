import DNSMessage

/// A transport as a port names it.
enum Transport: UInt8 {
    /// What a service without ports has.
    case none
    case tcp, udp, sctp

    init(_ text: String) {
        // The API has them in upper case.
        self = Transport(upper: text) ?? Transport(upper: text.uppercased()) ?? .none
    }

    private init?(upper text: String) {
        switch text {
        case "TCP": self = .tcp
        case "UDP": self = .udp
        case "SCTP": self = .sctp
        default: return nil
        }
    }
}

/// The ports of a service or a slice, in place.
struct PortTable {
    struct Entry: Equatable {
        /// -1 stands for a port without a number, which has no SRV record.
        var number: Int32
        var nameStart: UInt32
        var nameLength: UInt8
        var transport: Transport
    }

    let entries: UnsafePointer<Entry>
    let count: Int
    /// Names in lower case, one behind the other.
    let text: UnsafeRawPointer

    @inline(__always) func name(of index: Int) -> UnsafeRawBufferPointer {
        let entry = entries[index]
        return UnsafeRawBufferPointer(start: text + Int(entry.nameStart), count: Int(entry.nameLength))
    }

    /// How many ports pass; a port without a number counts too.
    func count(_ filter: PortFilter) -> Int {
        guard !filter.isAny else { return count }
        var found = 0
        for index in 0..<count where filter.matches(self, index) { found += 1 }
        return found
    }

    /// Whether port `index` is the first to pass with its number, so that it has an SRV record.
    func isFirst(_ index: Int, _ filter: PortFilter) -> Bool {
        let number = entries[index].number
        guard number >= 0, filter.matches(self, index) else { return false }
        for earlier in 0..<index where entries[earlier].number == number && filter.matches(self, earlier) {
            return false
        }
        return true
    }

    /// Whether a port with this number passes.
    func has(number: Int32, _ filter: PortFilter) -> Bool {
        for index in 0..<count where entries[index].number == number && filter.matches(self, index) { return true }
        return false
    }
}

/// The `_port._protocol` labels in front of a service; empty ones match every port.
struct PortFilter {
    enum TransportFilter { case any, only(Transport), nothing }

    let name: UnsafeRawBufferPointer
    let transport: TransportFilter

    /// Matches every port.
    @inline(__always) static var any: PortFilter {
        PortFilter(name: UnsafeRawBufferPointer(start: nil, count: 0), transport: .any)
    }

    @inline(__always) private init(name: UnsafeRawBufferPointer, transport: TransportFilter) {
        self.name = name
        self.transport = transport
    }

    /// From two labels in lower case; one leading underscore of each is optional.
    init(port: UnsafeRawBufferPointer, transport: UnsafeRawBufferPointer) {
        name = PortFilter.withoutUnderscore(port)
        let text = PortFilter.withoutUnderscore(transport)
        self.transport =
            switch text.count {
            case 0: .any
            case 3 where text.elementsEqual("tcp".utf8): .only(.tcp)
            case 3 where text.elementsEqual("udp".utf8): .only(.udp)
            case 4 where text.elementsEqual("sctp".utf8): .only(.sctp)
            default: .nothing
            }
    }

    private static func withoutUnderscore(_ label: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        label.first == UInt8(ascii: "_") ? UnsafeRawBufferPointer(rebasing: label.dropFirst()) : label
    }

    @inline(__always) var isAny: Bool {
        guard case .any = transport else { return false }
        return name.isEmpty
    }

    func matches(_ ports: PortTable, _ index: Int) -> Bool {
        switch transport {
        case .any: break
        case .only(let wanted): guard ports.entries[index].transport == wanted else { return false }
        case .nothing: return false
        }
        return name.isEmpty || ports.name(of: index).elementsEqual(name)
    }
}

/// Ports on their way into a record.
struct PackedPorts {
    private(set) var entries: [PortTable.Entry] = []
    private(set) var text: [UInt8] = []

    /// No ports at all stand for one without name, transport and number.
    init(_ ports: [ServicePort]) {
        entries.reserveCapacity(max(1, min(ports.count, Limits.portsMax)))
        for port in ports.prefix(Limits.portsMax) {
            let start = text.count
            for byte in port.name.utf8.prefix(Int(UInt8.max)) { text.append(foldedByte(byte)) }
            entries.append(
                PortTable.Entry(
                    number: port.number.map(Int32.init) ?? -1, nameStart: UInt32(start),
                    nameLength: UInt8(text.count - start), transport: Transport(port.transport)))
        }
        if entries.isEmpty {
            entries.append(PortTable.Entry(number: -1, nameStart: 0, nameLength: 0, transport: .none))
        }
    }
}
