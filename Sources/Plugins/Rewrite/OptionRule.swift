import DNSMessage
import PluginKit

/// What `rewrite edns0` does with an option of the request.
struct OptionRule: Sendable {
    enum Action: String, CaseIterable, Sendable {
        case set, append, replace, unset
    }

    /// Where the option's bytes come from.
    enum Value: Sendable {
        case bytes([UInt8])
        case variable(Variable)
        case metadata(MetadataLabel)
        /// The client's address, cut to so many bits (RFC 7871 §6).
        case subnet(v4: Int, v6: Int)
    }

    /// What the query itself tells.
    enum Variable: String, CaseIterable, Sendable {
        case name = "qname"
        case type = "qtype"
        case clientAddress = "client_ip"
        case clientPort = "client_port"
        case transport = "protocol"
        case serverAddress = "server_ip"
        case serverPort = "server_port"
    }

    var action: Action
    var code: EDNSOptionCode
    var value = Value.bytes([])

    /// The request's options after the rule, in wire form; nil if they stay as they are.
    func apply(to query: inout Query) -> [UInt8]? {
        let options = Array(query.request.edns?.options ?? UnsafeRawBufferPointer(start: nil, count: 0))
        let places = Self.places(of: code, in: options)
        switch action {
        case .unset:
            guard !places.isEmpty else { return nil }
            var left = options
            for place in places.reversed() { left.removeSubrange(place) }
            return left
        case .replace where places.isEmpty: return nil
        case .set, .replace, .append:
            guard let bytes = bytes(of: &query) else { return nil }
            let option = bigEndian(code.rawValue) + bigEndian(UInt16(truncatingIfNeeded: bytes.count)) + bytes
            var changed = options
            if action != .append, let first = places.first {
                changed.replaceSubrange(first, with: option)
            } else {
                changed += option
            }
            return changed.count <= RewriteLimits.optionsLengthMax ? changed : nil
        }
    }

    /// Where options of this code stand; `RequestEDNS` has checked that all are whole.
    private static func places(of code: EDNSOptionCode, in options: [UInt8]) -> [Range<Int>] {
        var places: [Range<Int>] = []
        var start = 0
        while start + 4 <= options.count {
            let end = start + 4 + Int(options[start + 2]) << 8 + Int(options[start + 3])
            guard end <= options.count else { break }
            if UInt16(options[start]) << 8 | UInt16(options[start + 1]) == code.rawValue { places.append(start..<end) }
            start = end
        }
        return places
    }

    /// Nil if the query has no such value: then there is no option.
    private func bytes(of query: inout Query) -> [UInt8]? {
        switch value {
        case .bytes(let bytes): bytes
        case .metadata(let label): query.metadata(label).map { Array($0.utf8.prefix(RewriteLimits.optionLengthMax)) }
        case .subnet(let v4, let v6): subnet(query.client.address.unmapped, v4: v4, v6: v6)
        case .variable(let variable): bytes(variable, query)
        }
    }

    private func bytes(_ variable: Variable, _ query: borrowing Query) -> [UInt8]? {
        switch variable {
        case .name: Array(NameText.text(wire: query.question.name.folded).utf8)
        case .type: bigEndian(query.question.type.rawValue)
        case .clientAddress: bytes(query.client.address)
        case .clientPort: bigEndian(query.client.port)
        case .transport: Array(query.transport.label.utf8)
        case .serverAddress: bytes(query.server.address)
        case .serverPort: bigEndian(query.server.port)
        }
    }

    /// Nil for the wildcard address: the listener does not know which one was asked.
    private func bytes(_ address: IPAddress) -> [UInt8]? {
        guard address.high != 0 || address.low != 0 else { return nil }
        let address = address.unmapped
        return [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
            count = address.store(to: UnsafeMutableRawPointer(buffer.baseAddress.unsafelyUnwrapped))
        }
    }

    private func subnet(_ address: IPAddress, v4: Int, v6: Int) -> [UInt8]? {
        let length = address.family == .v4 ? v4 : v6
        guard let prefix = AddressPrefix(address, length: length) else { return nil }
        let whole = [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
            count = prefix.address.store(to: UnsafeMutableRawPointer(buffer.baseAddress.unsafelyUnwrapped))
        }
        let family: UInt16 = address.family == .v4 ? 1 : 2
        return bigEndian(family) + [UInt8(length), 0] + whole.prefix((length + 7) / 8)
    }

    private func bigEndian(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }
}
