extension RecordView {
    /// Whether the data has the form of its type: addresses of the right length, names that are whole. Types that this
    /// library does not look into are well-formed.
    public func isWellFormed(scratch: inout NameScratch) -> Bool {
        switch type {
        case .a: return data.count == 4 || data.isEmpty
        case .aaaa: return data.count == 16 || data.isEmpty
        default: break
        }
        let layout = RecordDataLayout(type)
        guard layout.names > 0, !data.isEmpty else { return true }
        guard var position = layout.startOfNames(in: self) else { return false }
        for _ in 0..<layout.names {
            guard let (_, end) = scratch.read(message, at: position), end <= data.upperBound else { return false }
            position = end
        }
        return true
    }

    /// The name in the data whose addresses belong into the additional section: of NS, MX, SRV, SVCB and others with
    /// names. Nil if the type has none or the data is malformed.
    public func target(scratch: inout NameScratch) -> NameView? {
        let layout = RecordDataLayout(type)
        if type == .svcb || type == .https {
            guard data.count > 2 else { return nil }
            return scratch.read(message, at: data.lowerBound + 2)?.name
        }
        guard layout.names > 0, !data.isEmpty, let start = layout.startOfNames(in: self) else { return nil }
        return scratch.read(message, at: start)?.name
    }
}
