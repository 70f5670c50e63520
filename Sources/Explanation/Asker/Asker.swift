public import DNSMessage

/// Who asks: what a pod's `/etc/resolv.conf` says.
public struct Asker: Hashable, Sendable {
    /// `a pod in the namespace default`, `the Pod shop/web-1`.
    public var description: String
    /// The suffixes in their order.
    public var search: [Name]
    /// Where it asks from; nil where that is not known.
    public var address: IPAddress?
    /// Names with fewer dots than this are tried with the suffixes first.
    public var ndots: Int
    /// Where the settings come from: `dnsPolicy ClusterFirst`.
    public var origin: String
    /// What about these settings keeps cluster names from being resolved.
    public var findings: [Finding]

    /// What the kubelet writes where it is told nothing else.
    static var standardDots: Int { 5 }

    /// A pod of a namespace, as the kubelet sets it up without further words.
    public init(namespace: String, domain: Name) {
        description = "a pod in the namespace \(namespace)"
        search = Asker.search(namespace: namespace, domain: domain)
        ndots = Asker.standardDots
        origin = "dnsPolicy ClusterFirst, as pods have it that say nothing else"
        findings = []
    }

    /// Somebody with settings of their own.
    init(description: String, search: [Name], ndots: Int, origin: String, findings: [Finding]) {
        self.description = description
        self.search = search
        self.ndots = ndots
        self.origin = origin
        self.findings = findings
    }

    static func search(namespace: String, domain: Name) -> [Name] {
        var suffixes: [Name] = []
        if let services = try? Name("svc").appending(domain) {
            if let own = try? Name(namespace).appending(services) { suffixes.append(own) }
            suffixes.append(services)
        }
        return suffixes + [domain]
    }
}

/// A name on its way through a search list (resolv.conf(5)).
struct SearchPath {
    /// A name to try; nil where it is too long.
    struct Step {
        var name: Name?
        var suffix: Name?
    }

    let steps: [Step]
    /// Dots within the name, the final one not counted.
    let dots: Int
    /// Whether the name ends with a dot, so that there is nothing to search.
    let isAbsolute: Bool

    init(_ text: String, _ asker: Asker) throws(NameError) {
        let name = try Name(text)
        isAbsolute = text.hasSuffix(".")
        dots = max(0, name.labelCount - 1)
        let asGiven = Step(name: name, suffix: nil)
        guard !isAbsolute else {
            steps = [asGiven]
            return
        }
        let searched = asker.search.prefix(Limits.suffixesMax).map { suffix in
            Step(name: suffix.labelCount == 0 ? name : try? name.appending(suffix), suffix: suffix)
        }
        steps = dots >= asker.ndots ? [asGiven] + searched : searched + [asGiven]
    }
}
