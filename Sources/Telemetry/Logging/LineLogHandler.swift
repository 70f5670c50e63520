public import Logging

/// swift-log's back end: `[LEVEL] label: text`, one line each, as CoreDNS writes them.
public struct LineLogHandler: LogHandler {
    /// A longer text is cut, in bytes.
    public static let textBytesMax = 16 << 10

    /// Written behind every text as ` key=value`, sorted by key.
    public var metadata: Logger.Metadata = [:]
    private let label: String
    private let sink: LogSink
    private var ownLevel = Logger.Level.info

    /// A handler for the logger called `label`: `plugin/NAME`, or empty for the server itself.
    public init(label: String, sink: LogSink = .standardOutput) {
        self.label = label
        self.sink = sink
    }

    /// Debug lines appear when the sink's switch is on, whatever was set here.
    public var logLevel: Logger.Level {
        get { sink.isDebugging ? min(ownLevel, .debug) : ownLevel }
        set { ownLevel = newValue }
    }

    /// One value of the metadata.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes the event, one line for each line of its text.
    public func log(event: LogEvent) {
        let prefix = Self.tag(event.level) + (label.isEmpty ? " " : " \(label): ")
        var text = event.message.description
        let merged = metadata.merging(event.metadata ?? [:]) { $1 }
        for (key, value) in merged.sorted(by: { $0.key < $1.key }) { text += " \(key)=\(value)" }
        for line in Self.printable(text).split(separator: "\n", omittingEmptySubsequences: false) {
            sink.write(line: prefix + line)
        }
    }

    private static func tag(_ level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: "[DEBUG]"
        case .info, .notice: "[INFO]"
        case .warning: "[WARNING]"
        case .error: "[ERROR]"
        case .critical: "[FATAL]"
        }
    }

    /// Cuts to the limit and escapes control bytes, so that no text from outside can move a terminal's cursor.
    private static func printable(_ text: String) -> String {
        let isClean = text.utf8.count <= textBytesMax && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        if isClean { return text }
        var bytes: [UInt8] = []
        for byte in text.utf8.prefix(textBytesMax) {
            let isControl = byte < 0x20 && byte != UInt8(ascii: "\n") && byte != UInt8(ascii: "\t") || byte == 0x7F
            if isControl {
                bytes += "\\x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Logger {
    /// The logger of a plugin; its lines begin `[LEVEL] plugin/NAME: `.
    public init(plugin name: String, sink: LogSink = .standardOutput) {
        self.init(label: "plugin/\(name)") { LineLogHandler(label: $0, sink: sink) }
    }

    /// The logger of the server itself; its lines have no name.
    public init(server sink: LogSink) {
        self.init(label: "") { LineLogHandler(label: $0, sink: sink) }
    }
}
