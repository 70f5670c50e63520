import DNSMessage
import PluginKit

/// A rule as plain memory, so that a query touches no reference count that workers share.
struct CompiledRule {
    enum Part {
        case text(UnsafeRawBufferPointer)
        case field(LogFormat.Field)
        case metadata(Unmanaged<Label>)
        case quotedName
        case quotedMetadata(Unmanaged<Label>)
        /// Metadata under a name that no plugin can have.
        case unset
    }

    /// A label that is read without counting references, which all cores would share.
    final class Label {
        let label: MetadataLabel
        init(_ label: MetadataLabel) { self.label = label }
    }

    /// Whether the line begins with its level.
    let hasLevel: Bool

    let classes: LogClasses
    let parts: UnsafeMutableBufferPointer<Part>
    private let zone: UnsafeMutableRawBufferPointer
    private let labelCount: Int

    init(_ rule: LogRule) {
        classes = rule.classes
        hasLevel = rule.format.hasLevel
        labelCount = rule.zone.labelCount
        zone = Self.copy(rule.zone.folded.wire)
        parts = .allocate(capacity: rule.format.parts.count)
        _ = parts.initialize(
            from: rule.format.parts.map { part in
                switch part {
                case .text(let text): .text(UnsafeRawBufferPointer(Self.copy(Array(text.utf8))))
                case .field(let field): .field(field)
                case .metadata(let name):
                    MetadataLabel(name).map { .metadata(.passRetained(Label($0))) } ?? .unset
                case .quotedName: .quotedName
                case .quotedMetadata(let name):
                    MetadataLabel(name).map { .quotedMetadata(.passRetained(Label($0))) } ?? .unset
                }
            })
    }

    func deallocate() {
        for part in parts {
            switch part {
            case .text(let text): text.deallocate()
            case .metadata(let label), .quotedMetadata(let label): label.release()
            case .field, .quotedName, .unset: break
            }
        }
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
