import CLinux
import Glibc

/// A system call's error: its number, with the words of strerror.
struct SystemError: Error, Equatable, CustomStringConvertible {
    let code: Int32

    var description: String { String(cString: strerror(code)) }
}

/// What a call on a non-blocking descriptor came to.
enum Transfer {
    /// So many bytes, messages or events.
    case done(Int)
    case wouldBlock
    case failed(SystemError)
}

/// The one door to system calls: EINTR is retried, errno is read at once, would-block is a value.
enum Syscall {
    /// Signals that may interrupt one call before it counts as failed.
    private static let retriesMax = 100

    static func transfer(_ call: () -> Int) -> Transfer {
        for _ in 0..<retriesMax {
            let result = call()
            if result >= 0 { return .done(result) }
            let code = errno
            if code == EAGAIN || code == EWOULDBLOCK { return .wouldBlock }
            if code != EINTR { return .failed(SystemError(code: code)) }
        }
        return .failed(SystemError(code: EINTR))
    }

    @discardableResult
    static func check(_ call: () -> Int32) throws(SystemError) -> Int32 {
        switch transfer({ Int(call()) }) {
        case .done(let result): return Int32(truncatingIfNeeded: result)
        case .wouldBlock: throw SystemError(code: EAGAIN)
        case .failed(let error): throw error
        }
    }

    static func setOption(_ socket: Int32, _ level: Int32, _ name: Int32, _ value: Int32 = 1) throws(SystemError) {
        var value = value
        try check { setsockopt(socket, level, name, &value, socklen_t(MemoryLayout<Int32>.size)) }
    }
}
