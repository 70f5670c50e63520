import DNSMessage
import PluginKit
import Telemetry

extension LineBuffer {
    /// Appends what a field says about a query, without allocating.
    func append(_ field: LogFormat.Field, of query: inout Query, isSizeLimited: Bool) {
        switch field {
        case .type: append(query.question.type)
        case .class: append(query.question.class.description)
        case .name:
            let wire = query.question.name.folded
            append { NameText.write(wire: wire, to: $0) }
        case .proto: append(query.transport == .udp ? "udp" : "tcp" as StaticString)
        case .remote: append(query.client.address)
        case .port: append(number: UInt64(query.client.port))
        case .local: append(query.server.address)
        case .size: append(number: UInt64(query.request.bytes.count))
        case .rcode: query.isDropped ? append(byte: Self.dash) : append(query.response.responseCode)
        case .rsize: append(number: query.isDropped ? 0 : UInt64(query.response.length))
        case .duration: append(secondsFromNanoseconds: MonotonicClock.nowNanoseconds() &- query.receivedAt)
        case .id: append(number: UInt64(query.request.id))
        case .opcode: append(number: UInt64(query.request.flags.opcode.rawValue))
        case .dnssecOK: append(query.request.edns?.dnssecOK == true ? "true" : "false" as StaticString)
        case .bufferSize:
            let size = query.clientSize
            append(number: UInt64(isSizeLimited && query.transport == .udp ? min(size, query.udpSize) : size))
        case .responseFlags: query.isDropped ? append(byte: Self.dash) : append(query.response.flags)
        }
    }

    private static let dash = UInt8(ascii: "-")

    private func append(_ type: RecordType) {
        switch type {
        case .a: append("A" as StaticString)
        case .aaaa: append("AAAA" as StaticString)
        default: append(type.description)
        }
    }

    private func append(_ code: ResponseCode) {
        switch code {
        case .noError: append("NOERROR" as StaticString)
        case .nxDomain: append("NXDOMAIN" as StaticString)
        default: append(code.description)
        }
    }

    /// An IPv6 address in brackets.
    private func append(_ address: IPAddress) {
        if address.family == .v6 { append(byte: UInt8(ascii: "[")) }
        append { address.writeText(to: $0) }
        if address.family == .v6 { append(byte: UInt8(ascii: "]")) }
    }

    /// The flags in the order of the header; an answer always has the first.
    private func append(_ flags: HeaderFlags) {
        append("qr" as StaticString)
        if flags.isAuthoritative { append(",aa" as StaticString) }
        if flags.isTruncated { append(",tc" as StaticString) }
        if flags.recursionDesired { append(",rd" as StaticString) }
        if flags.recursionAvailable { append(",ra" as StaticString) }
        if flags[HeaderFlags.zeroBit] { append(",z" as StaticString) }
        if flags.authenticData { append(",ad" as StaticString) }
        if flags.checkingDisabled { append(",cd" as StaticString) }
    }
}

extension LineBuffer {
    /// Appends a value of metadata, and a dash where there is none.
    func append(metadata value: String?) {
        guard let value else { return append(byte: UInt8(ascii: "-")) }
        append(value)
    }
}
