extension ResourceVersion {
    /// Whether this is the later one. Versions of a resource are decimal numbers; of others nothing is known.
    func isNewer(than other: ResourceVersion) -> Bool {
        guard isNumber, other.isNumber else { return false }
        let length = description.utf8.count
        let otherLength = other.description.utf8.count
        return length == otherLength ? description > other.description : length > otherLength
    }

    var isNumber: Bool {
        guard let first = description.utf8.first, first != UInt8(ascii: "0") else { return false }
        return description.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    }
}
