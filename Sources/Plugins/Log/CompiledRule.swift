import DNSMessage

/// A rule as plain memory, so that a query touches no reference count that workers share.
struct CompiledRule {
    enum Part {
        case text(UnsafeRawBufferPointer)
        case field(LogFormat.Field)
        /// Metadata, which no plugin sets yet.
        case unset
    }

    let classes: LogClasses
    let parts: UnsafeMutableBufferPointer<Part>
    private let zone: UnsafeMutableRawBufferPointer
    private let labelCount: Int

    init(_ rule: LogRule) {
        classes = rule.classes
        labelCount = rule.zone.labelCount
        zone = Self.copy(rule.zone.folded.wire)
        parts = .allocate(capacity: rule.format.parts.count)
        _ = parts.initialize(
            from: rule.format.parts.map { part in
                switch part {
                case .text(let text): .text(UnsafeRawBufferPointer(Self.copy(Array(text.utf8))))
                case .field(let field): .field(field)
                case .metadata: .unset
                }
            })
    }

    func deallocate() {
        for part in parts { if case .text(let text) = part { text.deallocate() } }
        parts.deallocate()
        zone.deallocate()
    }

    /// Whether the name is in the rule's zone.
    func covers(_ name: NameView) -> Bool {
        labelCount == 0 || name.isSubdomain(ofFolded: UnsafeRawBufferPointer(zone), labelCount: labelCount)
    }

    private static func copy(_ bytes: [UInt8]) -> UnsafeMutableRawBufferPointer {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        memory.copyBytes(from: bytes)
        return memory
    }
}
