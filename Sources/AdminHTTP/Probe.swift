import Sockets

/// A request to one of this process's own listeners, to see whether it answers.
public enum Probe {
    /// The status that a GET of `path` gets at `address`, a wildcard address on this machine; nil when none comes in
    /// time. Blocks its thread.
    public static func status(
        of path: String, at address: ListenAddress, withinMilliseconds milliseconds: Int
    ) -> Int? {
        guard let descriptor = ListeningSocket.connect(to: address, withinMilliseconds: milliseconds) else {
            return nil
        }
        defer { Syscall.close(descriptor) }
        let request = "GET \(path) HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n\r\n"
        guard case .done = Array(request.utf8).withUnsafeBytes({ Syscall.send(descriptor, $0) }) else { return nil }
        return status(readFrom: descriptor)
    }

    /// `HTTP/1.1 200 `: the status is what stands behind the first blank.
    private static func status(readFrom descriptor: Int32) -> Int? {
        var head: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 1)
        defer { buffer.deallocate() }
        while head.count < 12 {
            guard case .done(let count) = Syscall.receive(descriptor, into: buffer), count > 0 else { return nil }
            head += buffer[..<count]
        }
        return Int(String(decoding: head[9..<12], as: UTF8.self))
    }
}
