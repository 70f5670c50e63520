import Sockets

/// Bytes that the kernel has not taken yet.
struct UnsentBytes {
    private var bytes: [UInt8] = []
    private var sent = 0
    private var isBroken = false

    var count: Int { bytes.count - sent }
    /// Whether it is worth waiting for room. As long as nothing was sent, it is: so is told that a connection stands.
    private(set) var waitsForRoom = true

    mutating func append(_ more: [UInt8]) {
        if sent == bytes.count { removeAll() }
        bytes += more
    }

    /// Sends what the kernel takes. What is wrong with a connection is told when reading from it.
    mutating func send(_ descriptor: Int32) {
        while sent < bytes.count, !isBroken {
            let transfer = bytes.withUnsafeBytes {
                Syscall.send(descriptor, UnsafeRawBufferPointer(rebasing: $0[sent...]))
            }
            switch transfer {
            case .done(let count): sent += count
            case .failed: isBroken = true
            case .wouldBlock:
                waitsForRoom = true
                return
            }
        }
        removeAll()
        waitsForRoom = false
    }

    private mutating func removeAll() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= 4_096)
        sent = 0
    }
}
