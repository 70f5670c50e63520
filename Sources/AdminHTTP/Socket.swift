import CLinux
import Glibc

/// The system calls of this target. Descriptors are non-blocking and closed on exec.
enum Socket {
    /// What a call did.
    enum Outcome {
        case done(Int)
        /// Nothing now; wait until the socket is ready.
        case wouldBlock
        case failed(errno: Int32)
    }

    static func accept(_ listener: Int32) -> Outcome {
        retry { Int(accept4(listener, __SOCKADDR_ARG(), nil, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))) }
    }

    static func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Outcome {
        retry { recv(descriptor, buffer.baseAddress, buffer.count, 0) }
    }

    static func send(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Outcome {
        bytes.withUnsafeBytes { buffer in
            retry { Glibc.send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL)) }
        }
    }

    static func finishSending(_ descriptor: Int32) {
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Nobody connects any more, even where a process that was just started has the socket for an instant longer.
    static func stopListening(_ listener: Int32) {
        _ = shutdown(listener, Int32(SHUT_RDWR))
    }

    static func close(_ descriptor: Int32) {
        _ = Glibc.close(descriptor)
    }

    static func nowNanoseconds() -> UInt64 { clinux_monotonic_nanoseconds() }

    static func unixSeconds() -> Int { Int(time(nil)) }

    private static let retriesMax = 100

    private static func retry(_ call: () -> Int) -> Outcome {
        for _ in 0..<retriesMax {
            let result = call()
            if result >= 0 { return .done(result) }
            let code = errno
            if code == EAGAIN || code == EWOULDBLOCK { return .wouldBlock }
            if code != EINTR { return .failed(errno: code) }
        }
        return .failed(errno: EINTR)
    }
}
