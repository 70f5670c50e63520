// Owners of libldns's objects: whoever holds the value holds the object, which is freed once.

import CLdns
import DNSMessage
import Glibc

/// A resource record of libldns.
struct RecordHandle: ~Copyable {
    let pointer: UnsafeMutablePointer<ldns_rr>

    /// Reads one line of text that ends in a zero; relative names in its data are completed with `origin`.
    init(line: [CChar], origin: borrowing NameHandle) throws(LdnsError) {
        var record: UnsafeMutablePointer<ldns_rr>?
        try check(ldns_rr_new_frm_str(&record, line, 0, origin.pointer, nil))
        pointer = try allocated(record)
    }

    /// Reads the record at `offset` of a message.
    init(message: UnsafeRawBufferPointer, at offset: Int) throws(LdnsError) {
        var record: UnsafeMutablePointer<ldns_rr>?
        var position = offset
        try check(
            ldns_wire2rr(
                &record, message.baseAddress?.assumingMemoryBound(to: UInt8.self), message.count, &position,
                LDNS_SECTION_ANSWER))
        pointer = try allocated(record)
    }

    /// A copy of a record that belongs to something else.
    init(copying record: UnsafeMutablePointer<ldns_rr>) throws(LdnsError) {
        pointer = try allocated(ldns_rr_clone(record))
    }

    deinit { ldns_rr_free(pointer) }
}

/// A domain name of libldns.
struct NameHandle: ~Copyable {
    let pointer: UnsafeMutablePointer<ldns_rdf>

    init(_ name: Name) throws(LdnsError) {
        pointer = try allocated(
            name.wire.withUnsafeBytes {
                ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, $0.count, $0.baseAddress)
            })
    }

    deinit { ldns_rdf_deep_free(pointer) }
}

/// A message of libldns.
struct MessageHandle: ~Copyable {
    let pointer: UnsafeMutablePointer<ldns_pkt>

    /// Reads a message from the wire.
    init(_ bytes: UnsafeRawBufferPointer) throws(LdnsError) {
        // libldns reads a header without looking whether there is one.
        guard bytes.count >= Header.length else { throw LdnsError(LDNS_STATUS_PACKET_OVERFLOW) }
        var message: UnsafeMutablePointer<ldns_pkt>?
        try check(ldns_wire2pkt(&message, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count))
        pointer = try allocated(message)
    }

    deinit { ldns_pkt_free(pointer) }
}

/// A growing run of bytes of libldns.
struct BufferHandle: ~Copyable {
    let pointer: UnsafeMutablePointer<ldns_buffer>

    init(capacity: Int) throws(LdnsError) { pointer = try allocated(ldns_buffer_new(capacity)) }

    deinit { ldns_buffer_free(pointer) }

    /// What was written so far.
    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: ldns_buffer_begin(pointer), count: ldns_buffer_position(pointer))
    }
}

/// Text that libldns allocated.
struct TextHandle: ~Copyable {
    let pointer: UnsafeMutablePointer<CChar>

    init(_ text: UnsafeMutablePointer<CChar>?) throws(LdnsError) { pointer = try allocated(text) }

    deinit { free(pointer) }

    var string: String { String(cString: pointer) }
}

private func allocated<Object>(_ object: UnsafeMutablePointer<Object>?) throws(LdnsError) -> UnsafeMutablePointer<
    Object
> {
    guard let object else { throw LdnsError(LDNS_STATUS_MEM_ERR) }
    return object
}
