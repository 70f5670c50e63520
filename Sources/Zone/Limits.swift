/// Bounds of zones and of one look into them.
enum Limits {
    /// Records of a zone, so that every index fits 32 bits with room to spare.
    static let recordsMax = 20_000_000
    /// Mistakes and notices told of one zone.
    static let mistakesMax = 20
    /// Aliases followed inside the zone for one question; as many as CoreDNS.
    static let aliasesMax = 10
    /// Records of one answer whose targets get their addresses in the additional section.
    static let targetsMax = 32
    /// Labels in a name, and the root.
    static let labelsMax = 128
}
