import DNSMessage
import Patterns

/// Which names a rule is about, in the words of the Corefile: presentation text in lower case with its final dot.
enum NamePattern: Sendable {
    case exact(Name)
    case prefix(Name)
    case suffix(NameSuffix)
    case substring(String)
    case regex(GoPattern)
}

/// The end of a name, which may begin inside a label: `.b.example.` or `b.example.`.
struct NameSuffix: Sendable {
    /// As written, escaped like any name.
    let text: String
    /// The labels that are whole.
    let zone: Name
    /// The end of the label before them; empty where any label must stand there.
    let partialLabel: [UInt8]

    /// Reads `.b.example.`, where a label must end before the dot, or `b.example.`, which may begin inside one.
    init(_ text: String) throws(NameError) {
        let hasDot = text.hasPrefix(".") && text != "."
        let name = try Name(hasDot ? String(text.dropFirst()) : text).folded
        self.text = (hasDot ? "." : "") + name.description
        if !hasDot, let parent = name.parent {
            zone = parent
            partialLabel = Array(name.labels[0])
        } else {
            zone = name
            partialLabel = []
        }
    }
}

/// Finds the names of a pattern in plain memory: exact names, prefixes and suffixes by bytes of the wire, the others by
/// their text. The owner frees it.
struct NameTest {
    private enum Kind {
        case any, exact, prefix, suffix, substring, regex
    }

    private let kind: Kind
    /// What must be there; of a suffix the whole labels, with the root.
    private let bytes: UnsafeMutableRawBufferPointer
    private let partialLabel: UnsafeMutableRawBufferPointer
    private let labelCount: Int
    private let regex: Unmanaged<GoPattern>?

    /// A test; without a pattern every name passes.
    init(_ pattern: NamePattern?) {
        var partial: [UInt8] = []
        var labels = 0
        var regex: GoPattern?
        let wanted: [UInt8]
        switch pattern {
        case nil: (kind, wanted) = (.any, [])
        case .exact(let name): (kind, wanted) = (.exact, name.folded.wire)
        case .prefix(let name): (kind, wanted) = (.prefix, Array(name.folded.wire.dropLast()))
        case .suffix(let suffix):
            (kind, wanted) = (.suffix, suffix.zone.wire)
            (partial, labels) = (suffix.partialLabel, suffix.zone.labelCount)
        case .substring(let text): (kind, wanted) = (.substring, Array(text.utf8))
        case .regex(let pattern): (kind, wanted, regex) = (.regex, [], pattern)
        }
        bytes = .copying(wanted)
        partialLabel = .copying(partial)
        labelCount = labels
        self.regex = regex.map(Unmanaged.passRetained)
    }

    func deallocate() {
        bytes.deallocate()
        partialLabel.deallocate()
        regex?.release()
    }

    @inline(__always)
    func matches(_ name: NameView) -> Bool {
        switch kind {
        case .exact: name.length == bytes.count && begins(name)
        case .suffix: ends(name)
        case .any: true
        case .prefix: name.length > bytes.count && begins(name)
        case .substring, .regex: textMatches(name)
        }
    }

    @inline(__always)
    private func begins(_ name: NameView) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        return equalBytes(name.folded, base, count: bytes.count)
    }

    @inline(__always)
    private func ends(_ name: NameView) -> Bool {
        // Most names end elsewhere: the length of the label that a suffix begins with tells already.
        guard name.labelCount > labelCount,
            name.isSubdomain(ofFolded: UnsafeRawBufferPointer(bytes), labelCount: labelCount)
        else { return false }
        guard let partial = partialLabel.baseAddress, partialLabel.count > 0 else { return true }
        let label = name.label(name.labelCount - labelCount - 1)
        guard label.count >= partialLabel.count, let base = label.baseAddress else { return false }
        return equalBytes(base + label.count - partialLabel.count, partial, count: partialLabel.count)
    }

    private func textMatches(_ name: NameView) -> Bool {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: NameText.maximumLength) { buffer in
            let count = NameText.write(wire: name.folded, to: buffer.baseAddress.unsafelyUnwrapped)
            let text = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count])
            if let regex { return regex._withUnsafeGuaranteedRef { $0.matches(text) } }
            return contains(text)
        }
    }

    private func contains(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let base = text.baseAddress, let wanted = bytes.baseAddress, text.count >= bytes.count else {
            return bytes.isEmpty
        }
        for start in 0...text.count - bytes.count
        where equalBytes(base + start, wanted, count: bytes.count) { return true }
        return false
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Memory of its own with these bytes; the caller deallocates it.
    static func copying(_ bytes: [UInt8]) -> UnsafeMutableRawBufferPointer {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 8)
        copy.copyBytes(from: bytes)
        return copy
    }
}
