import Corefile
import DNSMessage

/// Finds what stands in a Corefile without mistakes and can never take effect, or not as it seems to be meant.
///
/// It warns only where that is certain for whatever queries come: a warning that is wrong would cost all others their
/// worth.
struct DeadRules {
    /// Names shown of a list.
    private static let shownMax = 4

    let blocks: [CheckedBlock]
    /// The plugins in the order in which queries meet them.
    let order: [String]
    private(set) var diagnostics: Diagnostics
    /// The blocks without a view that have a zone on a port.
    private let owners: [CheckedBlock.Site: [Int]]

    private init(_ blocks: [CheckedBlock], _ order: [String], _ diagnostics: Diagnostics) {
        self.blocks = blocks
        self.order = order
        self.diagnostics = diagnostics
        var owners: [CheckedBlock.Site: [Int]] = [:]
        for (index, block) in blocks.enumerated() where !block.uses("view") {
            for site in block.sites { owners[site, default: []].append(index) }
        }
        self.owners = owners
    }

    /// Adds what it finds to `diagnostics`.
    static func find(
        in corefile: Corefile, defaultPort: UInt16, order: [String], _ diagnostics: inout Diagnostics
    ) {
        let blocks = corefile.blocks.map { CheckedBlock($0, defaultPort: defaultPort) }
        var search = DeadRules(blocks, order, diagnostics)
        search.findHiddenBlocks()
        for (index, block) in blocks.enumerated() {
            search.findDeadAnswers(block, index)
            search.findStrayZones(block)
            search.findTakenZones(block, index)
            search.findDeadFallthroughs(block)
            search.findDeadHosts(block, index)
            search.findDeadPolicies(block)
            search.findDeadRewrites(block)
            search.findDeadForwards(block)
            search.findMissingFiles(block)
        }
        diagnostics = search.diagnostics
    }

    mutating func warn(_ word: Word, _ message: String, hint: String? = nil) {
        diagnostics.warning(at: word, message, hint: hint)
    }

    /// Names as a sentence has them.
    static func list(_ names: [Name]) -> String {
        let shown = names.prefix(shownMax).map { "'\($0)'" }.joined(separator: ", ")
        return names.count > shownMax ? "\(shown) and \(names.count - shownMax) more" : shown
    }

    // MARK: Blocks

    /// Blocks with a view behind one that takes every query of their zones, or behind one with the same view.
    private mutating func findHiddenBlocks() {
        for (index, block) in blocks.enumerated() where block.uses("view") {
            let hiding = blocks[..<index].first { earlier in
                earlier.addresses == block.addresses && block.sites.allSatisfy(earlier.sites.contains)
                    && (!earlier.uses("view") || earlier.conditions == block.conditions)
            }
            guard let hiding, let view = block.directives("view").first else { continue }
            let reason = hiding.uses("view") ? "has the same view" : "has no view and takes them all"
            warn(
                view.name,
                "no query comes to this server block: that at \(hiding.word.position) stands before it and "
                    + reason, hint: "blocks of one zone are tried in the order of the Corefile")
        }
    }

    /// What no query comes to since a line before it answers everything; and blocks where nothing answers.
    private mutating func findDeadAnswers(_ block: CheckedBlock, _ index: Int) {
        if !CheckedBlock.answering.contains(where: block.uses) {
            warn(block.word, "no plugin of this server block answers: every query is REFUSED")
        }
        let rules = block.answeringRules(order)
        for (number, rule) in rules.enumerated() {
            let zones = block.reach(rule.answersReverse ? block.zones : rule.zones)
            let reach = zones.filter { block.renames || taker(of: $0, from: block, index) == nil }
            // The lines of one `file` do not end each other: the longest zone has a query.
            let earlier = rules[..<number].filter { $0.plugin != "file" || rule.plugin != "file" }
            guard let first = Self.end(reach, rule.type, earlier) else { continue }
            // `hosts` passes on PTR questions about addresses that it does not have.
            let isReverseLeft = rule.type == nil && first.plugin == "hosts"
            let culprit = first.plugin == rule.plugin ? "the one" : "the '\(first.plugin)'"
            warn(
                rule.word,
                "\(isReverseLeft ? "only PTR queries come" : "no query comes") to this '\(rule.plugin)': "
                    + "\(culprit) at \(first.word.position) answers everything \(isReverseLeft ? "else " : "")in "
                    + Self.list(reach), hint: Self.hint(first, rule))
        }
    }

    /// The first of those that together answer everything in these zones, if they do; one besides `hosts` rather.
    private static func end(_ zones: [Name], _ type: RecordType?, _ rules: [AnsweringRule]) -> AnsweringRule? {
        for candidates in [rules.filter { $0.plugin != "hosts" }, rules] {
            let ends = zones.map { zone in candidates.first { $0.ends(zone, type: type) } }
            if let first = ends.first ?? nil, ends.allSatisfy({ $0 != nil }) {
                return ends.lazy.compactMap { $0 }.first { $0.plugin == "hosts" } ?? first
            }
        }
        return nil
    }

    private static func hint(_ first: AnsweringRule, _ rule: AnsweringRule) -> String? {
        switch first.plugin {
        case "hosts", "kubernetes", "k8s_external", "file":
            "'fallthrough' in '\(first.plugin)' passes on the names that it does not know"
        case "template" where first.rest == .nothing:
            "with a 'match', 'fallthrough' in that 'template' passes on the names that do not match"
        case "forward" where rule.plugin == "forward":
            "several 'forward' are tried in the order of the Corefile: put the longer zone first"
        default: nil
        }
    }

    // MARK: Zones

    /// Zones of plugins that no query of the block is in.
    private mutating func findStrayZones(_ block: CheckedBlock) {
        guard !block.renames else { return }
        for (plugin, words) in block.zoneWords {
            for word in words {
                let names = word.names
                guard !names.isEmpty, block.reach(names).isEmpty else { continue }
                warn(
                    word,
                    "no query for \(word.quoted) comes to this '\(plugin)': this server block has only "
                        + Self.list(block.zones))
            }
        }
    }

    /// Zones of plugins whose queries go to a server block with a longer zone.
    private mutating func findTakenZones(_ block: CheckedBlock, _ index: Int) {
        guard !block.renames else { return }
        for (plugin, words) in block.zoneWords {
            for word in words {
                let reach = block.reach(word.names)
                let takers = reach.map { taker(of: $0, from: block, index) }
                guard let first = takers.first ?? nil, takers.allSatisfy({ $0 != nil }) else { continue }
                warn(
                    word,
                    "no query for \(word.quoted) comes to this '\(plugin)': they go to the server block at "
                        + "\(first.word.position), whose zone is longer")
            }
        }
    }

    /// The block that has all queries in a zone on every port of this one, having a longer zone around it.
    func taker(of zone: Name, from block: CheckedBlock, _ index: Int) -> CheckedBlock? {
        var found: CheckedBlock?
        for site in block.sites where zone.isSubdomain(of: site.zone) {
            guard let other = longest(around: zone, longerThan: site, block, index) else { return nil }
            found = found ?? blocks[other]
        }
        return found
    }

    /// The block whose zone is the longest around a name, without a view and on the same addresses.
    private func longest(
        around name: Name, longerThan site: CheckedBlock.Site, _ block: CheckedBlock, _ index: Int
    ) -> Int? {
        var zone: Name? = name
        while let candidate = zone, candidate.labelCount > site.zone.labelCount {
            let takers = owners[CheckedBlock.Site(zone: candidate, port: site.port)] ?? []
            if let taker = takers.first(where: { $0 != index && blocks[$0].addresses == block.addresses }) {
                return taker
            }
            zone = candidate.parent
        }
        return nil
    }

    /// Zones of `fallthrough`, `except` and `disable` outside of those that the plugin has.
    private mutating func findDeadFallthroughs(_ block: CheckedBlock) {
        for (plugin, skipped) in [("kubernetes", 0), ("k8s_external", 0), ("file", 1), ("template", 2), ("hosts", 1)] {
            for line in block.directives(plugin) {
                let zones = block.zones(line.arguments.dropFirst(skipped))
                for word in line.options("fallthrough").flatMap(\.arguments) {
                    let names = word.names
                    // `hosts` has the names of all its addresses, wherever they are.
                    if plugin == "hosts", names.contains(where: \.isReverse) { continue }
                    guard !names.isEmpty, !names.contains(where: { name in zones.contains { $0.meets(name) } })
                    else { continue }
                    warn(word, "nothing falls through in \(word.quoted): this '\(plugin)' has \(Self.list(zones))")
                }
            }
        }
        let files = block.directives("file")
        for (number, line) in files.enumerated() {
            for word in line.arguments.dropFirst() {
                let later = files[(number + 1)...].first { other in
                    !word.names.isEmpty && Set(word.names).isSubset(of: block.zones(other.arguments.dropFirst()))
                }
                guard let later else { continue }
                warn(
                    word,
                    "\(word.quoted) is served from another file: the last line for a zone counts, "
                        + "and that is at \(later.name.position)")
            }
        }
        for line in block.directives("cache") {
            let zones = block.zones(line.cacheZones)
            for word in line.options("disable").flatMap({ $0.arguments.dropFirst() }) {
                guard !word.names.isEmpty, !word.names.contains(where: { name in zones.contains { $0.meets(name) } })
                else { continue }
                warn(word, "nothing of \(word.quoted) is cached anyway: this 'cache' has \(Self.list(zones))")
            }
        }
    }
}

extension CheckedBlock {
    /// The conditions of the view, as they are written.
    fileprivate var conditions: [[String]] {
        directives("view").flatMap { $0.options("expr") }.map { $0.arguments.map(\.text) }
    }

    /// The words of zones, by plugin. Those of `kubernetes` are left out where other plugins ask it.
    fileprivate var zoneWords: [(plugin: String, words: [Word])] {
        block.directives.compactMap { line in
            let words = line.arguments
            return switch line.name.text {
            case "acl", "auto", "k8s_external": (line.name.text, words)
            case "kubernetes" where !uses("k8s_external"): ("kubernetes", words)
            case "autopath": ("autopath", Array(words.dropLast()))
            case "cache": ("cache", line.cacheZones)
            case "template": ("template", Array(words.dropFirst(2)))
            case "file", "hosts": (line.name.text, Array(words.dropFirst()))
            case "forward": ("forward", Array(words.prefix(1)))
            default: nil
            }
        }
    }
}

extension Directive {
    /// The zones of a `cache` line, behind its TTL.
    fileprivate var cacheZones: [Word] {
        Array(arguments.first.map { Int($0.text) != nil } == true ? arguments.dropFirst() : arguments[...])
    }
}

extension Name {
    /// Whether the name is one for addresses.
    var isReverse: Bool {
        let reverse: [Name] = ["in-addr.arpa", "ip6.arpa"]
        return reverse.contains { isSubdomain(of: $0) }
    }
}
