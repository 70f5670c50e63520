import CYaml
import Glibc

/// libyaml's parser as a cursor: `advance()`, then ask about the event it stands on.
public struct YAMLEvents: ~Copyable {
    /// What an event is.
    public enum Kind: Sendable {
        case streamStart, streamEnd, documentStart, documentEnd
        case scalar, alias, sequenceStart, sequenceEnd, mappingStart, mappingEnd
    }

    /// The event that the cursor stands on.
    public private(set) var kind = Kind.streamStart
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let event: UnsafeMutablePointer<yaml_event_t>
    /// libyaml holds it unretained.
    private let input: YAMLInput
    /// Where the text begins in its file.
    private let start: YAMLPosition

    /// Nil when there is no memory.
    public init?(_ input: YAMLInput, from start: YAMLPosition) {
        parser = .allocate(capacity: 1)
        event = .allocate(capacity: 1)
        event.initialize(to: yaml_event_t())
        self.input = input
        self.start = start
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            event.deallocate()
            return nil
        }
        yaml_parser_set_input(parser, readInput, Unmanaged.passUnretained(input).toOpaque())
    }

    deinit {
        yaml_event_delete(event)
        yaml_parser_delete(parser)
        event.deallocate()
        parser.deallocate()
    }

    /// Moves to the next event.
    public mutating func advance() throws(YAMLFault) {
        yaml_event_delete(event)
        guard yaml_parser_parse(parser, event) == 1 else { throw fault() }
        switch event.pointee.type {
        case YAML_STREAM_START_EVENT: kind = .streamStart
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
        case YAML_ALIAS_EVENT: kind = .alias
        case YAML_SCALAR_EVENT: kind = .scalar
        case YAML_SEQUENCE_START_EVENT: kind = .sequenceStart
        case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
        case YAML_MAPPING_START_EVENT: kind = .mappingStart
        case YAML_MAPPING_END_EVENT: kind = .mappingEnd
        default: kind = .streamEnd
        }
    }

    /// Where the event starts.
    public var position: YAMLPosition { position(of: event.pointee.start_mark) }

    /// Moves over the node that the cursor stands on, to its last event.
    public mutating func skipNode() throws(YAMLFault) {
        var depth = 0
        while true {
            switch kind {
            case .sequenceStart, .mappingStart: depth += 1
            case .sequenceEnd, .mappingEnd: depth -= 1
            default: break
            }
            guard depth < YAMLLimits.depth else { throw .tooDeep(at: position) }
            if depth == 0 { return }
            try advance()
        }
    }

    /// The text of the scalar that the cursor stands on; valid until `advance()`.
    var text: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: event.pointee.data.scalar.value, count: event.pointee.data.scalar.length)
    }

    /// Whether the scalar's text decides its type: not quoted, and not tagged as a string.
    var isPlain: Bool {
        let scalar = event.pointee.data.scalar
        guard let tag = scalar.tag else { return scalar.style == YAML_PLAIN_SCALAR_STYLE }
        // Only the tags of numbers, booleans and nulls make the text count; anything else is a string.
        return ["int", "float", "bool", "null"].contains { strcmp(tag, "tag:yaml.org,2002:" + $0) == 0 }
    }

    /// The `&name` of a scalar, sequence or mapping, and the `*name` of an alias.
    var anchor: String? {
        let data = event.pointee.data
        let name: UnsafeMutablePointer<UInt8>?
        switch kind {
        case .alias: name = data.alias.anchor
        case .scalar: name = data.scalar.anchor
        case .sequenceStart: name = data.sequence_start.anchor
        case .mappingStart: name = data.mapping_start.anchor
        default: name = nil
        }
        return name.map { String(cString: $0) }
    }

    private func fault() -> YAMLFault {
        if let fault = input.fault { return fault }
        let state = parser.pointee
        guard state.error != YAML_MEMORY_ERROR, let problem = state.problem else {
            return YAMLFault(position: position(of: state.mark), message: "needs more memory than there is")
        }
        // A reader's fault has no mark of its own.
        let mark = state.error == YAML_READER_ERROR ? state.mark : state.problem_mark
        var message = "this is not valid YAML: " + String(cString: problem)
        if let context = state.context {
            message += " \(String(cString: context)) (which starts at line \(position(of: state.context_mark).line))"
        }
        return YAMLFault(position: position(of: mark), message: message)
    }

    private func position(of mark: yaml_mark_t) -> YAMLPosition {
        let line = UInt32(truncatingIfNeeded: mark.line)
        let column = UInt32(truncatingIfNeeded: mark.column)
        return YAMLPosition(line: start.line &+ line, column: line == 0 ? start.column &+ column : column &+ 1)
    }
}

/// libyaml's read handler; `data` is the input of the parser's owner.
private func readInput(
    _ data: UnsafeMutableRawPointer?, _ buffer: UnsafeMutablePointer<UInt8>?, _ size: Int,
    _ count: UnsafeMutablePointer<Int>?
) -> Int32 {
    guard let data, let buffer, let count else { return 0 }
    let input = Unmanaged<YAMLInput>.fromOpaque(data).takeUnretainedValue()
    guard let read = input.read(into: UnsafeMutableBufferPointer(start: buffer, count: size)) else { return 0 }
    count.pointee = read
    return 1
}
