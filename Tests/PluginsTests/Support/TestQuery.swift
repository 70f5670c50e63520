import DNSMessage
import PluginKit

/// A query written down: what differs from the plain one over UDP, with recursion desired, from 127.0.0.1.
struct TestQuery {
    /// The OPT record of a query.
    struct EDNS {
        var udpSize: UInt16 = 1232
        var dnssecOK = false
        var options: [(code: EDNSOptionCode, data: [UInt8])] = []
    }

    var name: Name
    var type: RecordType
    var `class` = RecordClass.internet
    var edns: EDNS?
    var transport = Transport.udp
    var client = SocketAddress(IPAddress(v4: 0x7F00_0001), port: 5600)
    var flags = HeaderFlags(rawValue: HeaderFlags.recursionDesiredBit)
    var id: UInt16 = 1
    var receivedAt: UInt64 = 1

    /// A question, with an OPT record unless told otherwise, as `dig` sends it.
    init(_ name: Name, _ type: RecordType, class: RecordClass = .internet, edns: EDNS? = EDNS()) {
        self.name = name
        self.type = type
        self.class = `class`
        self.edns = edns
    }

    /// The OPT record as a message of its own, to be read again; the caller deallocates it.
    var optRecord: UnsafeMutableRawBufferPointer {
        var options: [UInt8] = []
        for (code, data) in edns?.options ?? [] {
            options += bigEndian(code.rawValue) + bigEndian(UInt16(data.count)) + data
        }
        let flags: [UInt8] = [edns?.dnssecOK == true ? 0x80 : 0, 0]
        let head = [UInt8](repeating: 0, count: Header.length) + [0] + bigEndian(RecordType.opt.rawValue)
        let bytes = head + bigEndian(edns?.udpSize ?? 0) + [0, 0] + flags + bigEndian(UInt16(options.count)) + options
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 8)
        memory.copyBytes(from: bytes)
        return memory
    }

    /// Reads `optRecord` as the server reads requests.
    func readEDNS(_ record: UnsafeMutableRawBufferPointer) -> RequestEDNS? {
        var reader = MessageReader(UnsafeRawBufferPointer(record))
        return reader?.readRecord().flatMap { RequestEDNS($0) }
    }

    private func bigEndian(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }
}
