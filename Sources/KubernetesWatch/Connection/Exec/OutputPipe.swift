import EventLoop
import Glibc

// Touched only on the queue of its process.
/// What a program writes, as it comes. Never holds more than its limit.
final class OutputPipe {
    /// What becomes of bytes beyond the limit.
    enum Overflow {
        /// The first ones are forgotten.
        case keepsEnd
        /// There is no use in any.
        case isFault
    }

    private(set) var bytes: [UInt8] = []
    private(set) var hasOverflown = false
    private let limit: Int
    private let overflow: Overflow
    private let descriptor: Int32
    private let loop: EventLoop
    private var watch: WatchToken?
    private var isOpen = true

    /// Takes the descriptor over, which must not block.
    init(_ descriptor: Int32, limit: Int, _ overflow: Overflow, in loop: EventLoop) {
        self.descriptor = descriptor
        self.limit = limit
        self.overflow = overflow
        self.loop = loop
    }

    /// From now on the handler is told, and held, as long as there is something to read, or the end.
    func tell(_ handler: any EventHandler) { watch = loop.watch(descriptor, for: .reading, handler) }

    /// Reads what there is, or so much that others get their turn.
    func read() {
        var chunk = [UInt8](repeating: 0, count: 8 << 10)
        for _ in 0..<ConnectionLimits.pluginReadsPerWakeUp where isOpen {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count > 0 {
                take(chunk[..<count])
            } else if count == 0 || errno != EINTR {
                if count == 0 || errno != EAGAIN { close() }
                return
            }
        }
    }

    private func take(_ chunk: ArraySlice<UInt8>) {
        bytes += chunk
        guard bytes.count > limit else { return }
        hasOverflown = true
        switch overflow {
        case .keepsEnd: bytes.removeFirst(bytes.count - limit)
        case .isFault: bytes = []
        }
    }

    /// Nothing more is read.
    func close() {
        guard isOpen else { return }
        isOpen = false
        // A process that is being started may still hold a copy: the loop is told.
        if let watch { loop.unwatch(watch) }
        Glibc.close(descriptor)
    }

    /// The last line that has something in it, fit for a sentence.
    var lastLine: String {
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        return lines.lazy.reversed().map { String($0).oneLine }.first { !$0.isEmpty } ?? ""
    }
}

extension String {
    /// Fit for a sentence: blanks and line ends in one, no control characters, cut where it is long.
    var oneLine: String {
        let words = split(whereSeparator: \.isWhitespace).joined(separator: " ").unicodeScalars
        let visible = words.filter {
            $0.properties.generalCategory != .control && $0.properties.generalCategory != .format
        }
        let limit = ConnectionLimits.pluginWords
        return visible.count > limit
            ? String(String.UnicodeScalarView(visible.prefix(limit))) + "…" : String(String.UnicodeScalarView(visible))
    }
}
