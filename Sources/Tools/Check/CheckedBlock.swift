import Corefile
import DNSMessage
import Plugins

/// A server block of a Corefile without mistakes, as the search for dead rules sees it.
struct CheckedBlock {
    /// A zone that the block has on a port.
    struct Site: Hashable {
        let zone: Name
        let port: UInt16
    }

    let block: ServerBlock
    let sites: [Site]
    /// Zones of all keys, each once.
    let zones: [Name]
    /// What `bind` says; empty for all addresses.
    let addresses: Set<String>
    /// The lines of `rewrite`, as the plugin reads them.
    let rewrites: [(word: Word, rule: RewriteRule)]
    /// The lines in all `acl`, as the plugin reads them.
    let policies: [(word: Word, zones: [Name], policy: AclPolicy)]

    init(_ block: ServerBlock, defaultPort: UInt16) {
        self.block = block
        var seen: Set<Site> = []
        sites = block.keys.flatMap { key -> [Site] in
            let port = key.port ?? key.scheme.defaultPort(dns: defaultPort)
            return key.zones.compactMap { try? Name($0) }.map { Site(zone: $0, port: port) }
        }.filter { seen.insert($0).inserted }
        var names: Set<Name> = []
        let zones = sites.map(\.zone).filter { names.insert($0).inserted }
        self.zones = zones
        addresses = Set(Corefile.boundAddresses(of: block))
        // There are no mistakes left to tell.
        var ignored = Diagnostics()
        rewrites = block.directives(named: "rewrite").compactMap { line in
            RewriteRule(line, &ignored).map { (line.name, $0) }
        }
        policies = block.directives(named: "acl").flatMap { acl in
            let zones = acl.arguments.isEmpty ? zones : acl.arguments.flatMap(\.names)
            return (acl.block ?? []).compactMap { line in
                AclPolicy(line, &ignored).map { (line.name, zones, $0) }
            }
        }
    }

    /// Where the block begins.
    var word: Word { block.keys[0].word }

    func directives(_ name: String) -> [Directive] { block.directives(named: name) }

    func uses(_ name: String) -> Bool { !directives(name).isEmpty }

    /// Whether names may become others on their way through the block, so that its zones tell nothing about them.
    var renames: Bool { uses("autopath") || rewrites.contains { $0.rule.renames } }

    /// The zones that words name, or those of the block if there are none.
    func zones(_ words: some Collection<Word>) -> [Name] {
        words.isEmpty ? zones : words.flatMap(\.names)
    }

    /// What of these zones the block has queries for: a zone around that of the block counts as the latter.
    func reach(_ wanted: [Name]) -> [Name] {
        if renames { return wanted }
        var seen: Set<Name> = []
        return wanted.flatMap { zone in
            zones.compactMap { own in
                if zone.isSubdomain(of: own) { return zone }
                return own.isSubdomain(of: zone) ? own : nil
            }
        }.filter { seen.insert($0).inserted }
    }

    /// A path as `root` has it.
    func path(_ word: Word) -> String {
        let root = directives("root").first?.arguments.first?.text ?? ""
        return word.text.hasPrefix("/") || root.isEmpty ? word.text : "\(root)/\(word.text)"
    }
}

extension Word {
    /// The zones that the word names; none after a mistake, which was reported before.
    var names: [Name] {
        var ignored = Diagnostics()
        return (zones(&ignored) ?? []).compactMap { try? Name($0) }
    }
}

extension Name {
    /// Whether one of two names lies in the other.
    func meets(_ other: Name) -> Bool { isSubdomain(of: other) || other.isSubdomain(of: self) }
}

extension Directive {
    /// The lines of the block with this name.
    func options(_ name: String) -> [Directive] { (block ?? []).filter { $0.name.text == name } }

    func has(_ name: String) -> Bool { !options(name).isEmpty }
}
