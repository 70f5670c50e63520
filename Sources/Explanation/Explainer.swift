public import ClusterIndex
public import DNSMessage

/// Works out what becomes of a name: which names a resolver tries for it, who answers each, and why so. It touches
/// neither socket nor clock; whoever can ask other servers lends it a way to.
public struct Explainer {
    /// What other servers say.
    public enum UpstreamReply: Hashable, Sendable {
        /// A reply; the last exchange is the one that brought it.
        case reply(ResponseCode, records: [Record], [Exchange])
        /// Nobody replied.
        case silence([Exchange])
        /// Nobody was asked; a clause says why.
        case notAsked(String)
    }

    /// Asks the servers of a `forward` line.
    public typealias Asking = (_ name: Name, _ type: RecordType, _ servers: [String]) -> UpstreamReply

    /// The server blocks of the Corefile.
    let routes: [ServerRoute]
    /// The clusters of its `kubernetes` lines.
    let clusters: [Int: KnownCluster]
    /// What stands in front of them, and behind.
    let plugins: any BlockPlugins
    let ask: Asking

    /// From a Corefile, the clusters that its `kubernetes` lines mean, by number, and the plugins beside those.
    public init(
        routes: [ServerRoute], clusters: [Int: KnownCluster], plugins: any BlockPlugins, ask: @escaping Asking
    ) {
        self.routes = routes
        self.clusters = clusters
        self.plugins = plugins
        self.ask = ask
    }

    /// The cluster's domain: the first zone of the first `kubernetes` that is not made of addresses.
    public static func domain(of routes: [ServerRoute]) -> Name? {
        for step in routes.flatMap(\.steps) {
            if case .cluster(let cluster) = step.action, let domain = cluster.domain { return domain }
        }
        return nil
    }

    /// Explains a name as `asker` would look it up. A text that is an address is looked up backwards.
    public func explain(_ text: String, _ types: [RecordType], asker: Asker, sources: [String]) -> NameExplanation {
        var explanation = NameExplanation(
            question: text, types: types, asker: asker, sources: sources, candidates: [], verdict: .unknown,
            summary: "", findings: [], notes: [])
        var name = text
        if let address = IPAddress(text) {
            name = ReverseName.text(of: address)
            explanation.types = [.ptr]
        } else if types.isEmpty {
            explanation.types = [.a, .aaaa]
        }
        do throws(NameError) {
            let path = try SearchPath(name, asker)
            explanation.candidates = path.steps.map { Candidate($0) }
        } catch {
            explanation.refuse(error)
            return explanation
        }
        for index in explanation.candidates.indices where explanation.candidates[index].obstacle.isEmpty {
            look(at: &explanation.candidates[index], explanation.types)
            if explanation.candidates[index].hasRecords { break }
        }
        if !asker.findings.isEmpty {
            explanation.notes.append(
                "The names are shown as the cluster's DNS server answers them; \(asker.description) does not ask it.")
        }
        explanation.conclude()
        return explanation
    }

    /// The Services that the names of an explanation are about, and the namespaces of Pods, whether they exist or not:
    /// what to look up before explaining again.
    public func subjects(of explanation: NameExplanation) -> [ObjectKey] {
        var keys: [ObjectKey] = []
        for candidate in explanation.candidates where candidate.obstacle.isEmpty && !candidate.answers.isEmpty {
            for step in routes.flatMap(\.steps) {
                guard case .cluster(let step) = step.action, let cluster = clusters[step.cluster],
                    let zone = step.zones.closest(to: candidate.name)
                else { continue }
                let form = cluster.index.form(of: candidate.name, in: ClusterZone(zone))
                if let key = form.service, cluster.facts.namespaces.contains(key.namespace), !keys.contains(key) {
                    keys.append(key)
                }
            }
        }
        return keys
    }

    private func look(at candidate: inout Candidate, _ types: [RecordType]) {
        for type in types {
            var trail = Trail(explainer: self)
            let answer = trail.answer(candidate.name, type)
            candidate.answers.append(answer)
            if candidate.path.isEmpty { candidate.path = answer.steps.map(\.text) }
            if candidate.form.isEmpty { candidate.form = trail.form }
            for finding in trail.findings where !candidate.findings.contains(finding) {
                candidate.findings.append(finding)
            }
        }
        // What one family lacks is no news where the other has records.
        if candidate.hasRecords {
            candidate.findings.removeAll {
                $0.code == .typeAbsent || $0.code == .familyAbsent || $0.code == .answeredBefore && !$0.advice.isEmpty
            }
        }
    }
}

extension Candidate {
    fileprivate init(_ step: SearchPath.Step) {
        name = step.name ?? .root
        suffix = step.suffix
        obstacle =
            step.name == nil
            ? "with \(step.suffix?.shown ?? "") behind it the name is longer than \(Name.maximumLength) bytes" : ""
        (path, form, answers, findings) = ([], "", [], [])
    }
}

extension ReverseName {
    /// The name to look an address up by.
    static func text(of address: IPAddress) -> String {
        let address = address.unmapped
        if address.family == .v4 {
            return (0..<4).map { "\(address.v4 >> (8 * UInt32($0)) & 255)" }.joined(separator: ".") + ".in-addr.arpa."
        }
        let digits = [address.low, address.high].flatMap { word in
            (0..<16).map { String(word >> (4 * UInt64($0)) & 15, radix: 16) }
        }
        return digits.joined(separator: ".") + ".ip6.arpa."
    }
}
