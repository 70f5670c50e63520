import Glibc

/// Lines for whoever started the program, outside of the log.
public enum Terminal {
    /// Where a line goes.
    public enum Stream: Int32, Sendable { case output = 1, error = 2 }

    /// Writes a line, whole.
    public static func write(_ line: String, to stream: Stream = .output) { put(line + "\n", to: stream) }

    /// Writes a text as it is.
    static func put(_ text: String, to stream: Stream = .output) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(stream.rawValue, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }
}
