public import Glibc

/// A system call's error: its number, with the words of strerror.
public struct SystemError: Error, Equatable, CustomStringConvertible {
    /// An errno.
    public let code: Int32

    /// The error of this number.
    @inlinable public init(code: Int32) { self.code = code }

    /// strerror's words.
    public var description: String { String(cString: strerror(code)) }
}

/// What a call on a non-blocking descriptor came to.
public enum Transfer {
    /// So many bytes, messages or events; or the descriptor that was made.
    case done(Int)
    /// Nothing now; wait until the descriptor is ready.
    case wouldBlock
    case failed(SystemError)
}

/// The one door to system calls on sockets: EINTR is retried, errno is read at once, would-block is a value.
///
/// What stands on the path of a query is inlined where it is called.
public enum Syscall {
    /// Signals that may interrupt one call before it counts as failed.
    @inlinable public static var retriesMax: Int { 100 }

    /// Makes a call whose result below zero means errno.
    @inlinable
    public static func transfer(_ call: () -> Int) -> Transfer {
        for _ in 0..<retriesMax {
            let result = call()
            if result >= 0 { return .done(result) }
            let code = errno
            if code == EAGAIN || code == EWOULDBLOCK { return .wouldBlock }
            if code != EINTR { return .failed(SystemError(code: code)) }
        }
        return .failed(SystemError(code: EINTR))
    }

    /// The same where there is nothing to wait for: would-block is an error like any other.
    @inlinable @discardableResult
    public static func check(_ call: () -> Int32) throws(SystemError) -> Int32 {
        switch transfer({ Int(call()) }) {
        case .done(let result): return Int32(truncatingIfNeeded: result)
        case .wouldBlock: throw SystemError(code: EAGAIN)
        case .failed(let error): throw error
        }
    }
}
