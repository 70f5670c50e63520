import DNSMessage
import PluginKit

/// A copy of a request, which may outlive the buffer it came in.
struct RequestMemory: ~Copyable {
    private var storage: UnsafeMutableRawBufferPointer
    private static let usualLength = 512

    init() { storage = .allocate(byteCount: Self.usualLength, alignment: 8) }

    deinit { storage.deallocate() }

    mutating func keep(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        if bytes.count > storage.count { resize(MessageWriter.maximumLength) }
        guard let source = bytes.baseAddress, let target = storage.baseAddress else { return bytes }
        target.copyMemory(from: source, byteCount: bytes.count)
        return UnsafeRawBufferPointer(start: target, count: bytes.count)
    }

    /// Lets memory go that few requests need.
    mutating func shrink() {
        if storage.count > Self.usualLength { resize(Self.usualLength) }
    }

    private mutating func resize(_ length: Int) {
        storage.deallocate()
        storage = .allocate(byteCount: length, alignment: 8)
    }
}

extension Query {
    /// Takes over what a query that follows from another one has in common with it.
    mutating func inherit(_ other: borrowing Query) {
        client = other.client
        server = other.server
        transport = other.transport
        receivedAt = other.receivedAt
        request = other.request
    }
}

extension Request {
    /// Points into a copy of its message. Options that a plugin made are left out: nobody says how long they live.
    mutating func move(from old: UnsafeRawBufferPointer, to new: UnsafeRawBufferPointer) {
        bytes = new
        guard let options = edns?.options.baseAddress, let start = old.baseAddress, let target = new.baseAddress else {
            return
        }
        let offset = options - start
        let count = edns?.options.count ?? 0
        let isInside = offset >= 0 && offset + count <= old.count
        edns?.options = UnsafeRawBufferPointer(start: isInside ? target + offset : nil, count: isInside ? count : 0)
    }
}
