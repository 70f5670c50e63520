import DNSMessage
import Patterns

/// Tells in plain memory whether a name matches a pattern: exact names, prefixes and suffixes by bytes of the wire, the
/// others by their text. The owner frees it.
struct NameTest {
    private enum Kind: UInt8 {
        case any, exact, prefix, suffix, substring, regex
    }

    private let kind: Kind
    /// What must be there; of a suffix the whole labels, with the root.
    private let base: UnsafeMutableRawPointer
    private let count: Int
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
        // One byte more, so that nothing to look for has an address as well.
        base = .allocate(byteCount: wanted.count + 1, alignment: 8)
        base.copyMemory(from: wanted, byteCount: wanted.count)
        count = wanted.count
        partialLabel = .copying(partial)
        labelCount = labels
        self.regex = regex.map(Unmanaged.passRetained)
    }

    func deallocate() {
        base.deallocate()
        partialLabel.deallocate()
        regex?.release()
    }

    func matches(_ name: NameView) -> Bool {
        switch kind {
        case .exact: return name.length == count && equalBytes(name.folded, base, count: count)
        case .suffix:
            guard name.labelCount > labelCount else { return false }
            let start = name.start(ofLabel: name.labelCount - labelCount)
            guard name.length - start == count else { return false }
            return equalBytes(name.folded + start, base, count: count) && endsWithPartialLabel(name)
        case .any: return true
        case .prefix: return name.length > count && equalBytes(name.folded, base, count: count)
        case .substring, .regex: return textMatches(name)
        }
    }

    private func endsWithPartialLabel(_ name: NameView) -> Bool {
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
        guard let start = text.baseAddress, text.count >= count else { return false }
        for index in 0...text.count - count where equalBytes(start + index, base, count: count) { return true }
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
