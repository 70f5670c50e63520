import ClusterIndex
import DNSMessage

/// One question on its way through the server blocks.
struct Trail {
    let explainer: Explainer
    private(set) var path: [String] = []
    private(set) var form = ""
    private(set) var findings: [Finding] = []
    private var aliases = 0

    init(explainer: Explainer) { self.explainer = explainer }

    mutating func answer(_ name: Name, _ type: RecordType) -> TypeAnswer {
        if let answer = taken(name, type) { return answer }
        path.append("nobody")
        guard let route = route(of: name) else {
            findings.append(
                Finding(
                    .noServerBlock, "No server block of the Corefile has a zone for \(name.shown), so it is refused.",
                    advice: "Add a server block for the zone, such as one with the key '.:53', to the Corefile."))
            return TypeAnswer(type, .failure, .refused, reason: "no server block has the zone")
        }
        findings.append(
            Finding(
                .noServerBlock, "No plugin of \(route.place) takes \(name.shown), so the query fails.",
                advice: "If names outside of the cluster should resolve, add 'forward . /etc/resolv.conf' there."))
        return TypeAnswer(type, .failure, .servFail, reason: "no plugin takes it")
    }

    /// Nil where nobody takes the question.
    private mutating func taken(_ name: Name, _ type: RecordType) -> TypeAnswer? {
        guard let route = route(of: name) else { return nil }
        noteView(route)
        for step in route.steps {
            switch step.action {
            case .mayAnswer(let zones, let only):
                if zones.closest(to: name) != nil, only ?? type == type {
                    notePossible(step, "may answer first")
                }
            case .mayRewrite(let rules):
                if rules.contains(where: { $0.mayFit(name) }) { notePossible(step, "may change the name") }
            case .forward(let forward):
                if forward.takes(name) {
                    path.append("forward to \(Words.list(forward.servers))")
                    noteWrongDomain(name)
                    return askUpstream(name, type, forward.servers)
                }
            case .cluster(let cluster):
                if let zone = cluster.zones.closest(to: name), let answer = ask(cluster, zone, name, type) {
                    return answer
                }
            }
        }
        return nil
    }

    /// The block with the longest zone, among those of one port: that of the cluster.
    private func route(of name: Name) -> ServerRoute? {
        let routes = explainer.routes
        let isCluster = { (route: ServerRoute) in
            route.steps.contains { if case .cluster = $0.action { true } else { false } }
        }
        guard let port = (routes.first(where: isCluster) ?? routes.first)?.port else { return nil }
        return routes.filter { $0.port == port && $0.zones.closest(to: name) != nil }
            .max { ($0.zones.closest(to: name)?.labelCount ?? 0) < ($1.zones.closest(to: name)?.labelCount ?? 0) }
    }

    private mutating func noteView(_ route: ServerRoute) {
        guard route.hasView else { return }
        findings.append(
            Finding(
                .view,
                "\(Words.sentence(route.place)) has a view, which takes only some queries; here it is taken to take "
                    + "this one."))
    }

    private mutating func notePossible(_ step: RouteStep, _ what: String) {
        path.append("\(step.plugin) (\(what))")
        findings.append(
            Finding(
                .maybeAnsweredBefore,
                "The plugin \(step.plugin) stands before the one that answers here and \(what); what it does with such "
                    + "names was not looked into."))
    }

    /// A name that looks like one of this cluster, but for its end.
    private mutating func noteWrongDomain(_ name: Name) {
        let labels = name.folded.labels.map { String(decoding: $0, as: UTF8.self) }
        guard let place = labels.firstIndex(of: "svc"), place >= 2, place < labels.count - 1,
            let domain = Explainer.domain(of: explainer.routes), !name.isSubdomain(of: domain),
            explainer.clusters.values.contains(where: { $0.facts.namespaces.contains(labels[place - 1]) })
        else { return }
        let given = labels[(place + 1)...].joined(separator: ".")
        findings.append(
            Finding(
                .wrongDomain, "The cluster's domain is \(domain.shown), not \(given).",
                advice: "Did you mean \(labels[...place].joined(separator: ".")).\(domain.shown)?"))
    }

    // MARK: Other servers

    private mutating func askUpstream(_ name: Name, _ type: RecordType, _ servers: [String]) -> TypeAnswer {
        switch explainer.ask(name, type, servers) {
        case .reply(let code, let records, let exchanges):
            var answer = TypeAnswer(type, reply: code, records, exchanges)
            findings += answer.upstreamFindings(name)
            if answer.outcome == .nameError { answer.reason = "the upstream says so" }
            return answer
        case .silence(let exchanges):
            let answer = TypeAnswer(
                type, .failure, .servFail, reason: "no upstream answered", exchanges: exchanges)
            findings += answer.upstreamFindings(name)
            return answer
        case .notAsked(let why):
            findings.append(.notAsked(name, why))
            return TypeAnswer(type, .unknown, nil, reason: why)
        }
    }

    // MARK: The cluster

    /// Nil where the question goes on to the next plugin.
    private mutating func ask(_ step: ClusterStep, _ zoneName: Name, _ name: Name, _ type: RecordType) -> TypeAnswer? {
        guard let cluster = explainer.clusters[step.cluster] else { return nil }
        let zone = ClusterZone(
            zoneName, ttl: step.ttl, isClusterSet: step.clusterSetZones.contains(zoneName), primary: step.domain)
        let spelled = cluster.index.form(of: name, in: zone)
        if form.isEmpty { form = spelled.description(isClusterSet: zone.isClusterSet) }
        guard let found = try? cluster.index.lookup(name, type, in: zone) else {
            path.append("kubernetes")
            return TypeAnswer(type, .unknown, nil, reason: "the answer could not be worked out")
        }
        let finder = ReasonFinder(facts: cluster.facts, step: step, zone: zone, name: name, type: type)
        let isDenied = found.reason != nil && found.answer.isEmpty
        if isDenied, !cluster.isSynced {
            path.append("kubernetes")
            findings.append(.notSynced)
            return TypeAnswer(type, .failure, .servFail, reason: "the cluster's objects have not arrived yet")
        }
        if isDenied, step.passedOn.closest(to: name) != nil {
            path.append("kubernetes (has no such name, passes it on)")
            findings += finder.findings(spelled, found)
            return nil
        }
        path.append("kubernetes")
        findings += finder.findings(spelled, found)
        if let target = found.outsideTarget { return follow(target, type, found) }
        var answer = TypeAnswer(type, reply: found.responseCode, found.answer, [])
        answer.reason = finder.reason(spelled, found)
        return answer
    }

    /// An alias that leads out of the zone is asked for like any other name.
    private mutating func follow(_ target: Name, _ type: RecordType, _ found: ClusterAnswer) -> TypeAnswer {
        aliases += 1
        guard aliases <= Limits.aliasesMax, type != .cname else {
            return TypeAnswer(type, reply: .noError, found.answer, [])
        }
        path.append("alias \(target.shown)")
        guard var answer = taken(target, type) else {
            path.append("nobody")
            findings.append(
                Finding(
                    .aliasFails,
                    "The name is an alias of \(target.shown), and no plugin here resolves that: the alias is all that "
                        + "is answered.",
                    advice: "If names outside of the cluster should resolve, add 'forward . /etc/resolv.conf'."))
            return TypeAnswer(type, reply: .noError, found.answer, [])
        }
        answer.records = found.answer + answer.records
        if answer.outcome == .nameError || answer.outcome == .failure {
            findings.append(
                Finding(
                    .aliasFails, "The name is an alias of \(target.shown), and that does not resolve.",
                    advice: "Check spec.externalName of the Service, or why \(target.shown) does not resolve."))
        }
        return answer
    }
}

extension TypeAnswer {
    init(
        _ type: RecordType, _ outcome: Outcome, _ responseCode: ResponseCode?, reason: String,
        exchanges: [Exchange] = []
    ) {
        self.init(
            type: type, outcome: outcome, responseCode: responseCode, records: [], reason: reason, exchanges: exchanges)
    }

    /// What a reply comes down to. A chain of aliases alone is no answer to another type.
    init(_ type: RecordType, reply code: ResponseCode, _ records: [Record], _ exchanges: [Exchange]) {
        let outcome: Outcome
        switch code {
        case .noError:
            outcome = records.contains { $0.type == type || type == .any } ? .records : .noData
        case .nxDomain: outcome = .nameError
        default: outcome = .failure
        }
        self.init(
            type: type, outcome: outcome, responseCode: code, records: records, reason: "", exchanges: exchanges)
    }

    /// What other servers' words mean.
    func upstreamFindings(_ name: Name) -> [Finding] {
        let server = exchanges.last?.server ?? "the upstream"
        switch outcome {
        case .nameError: return [Finding(.upstreamDenies, "\(server) says that \(name.shown) does not exist.")]
        case .failure:
            let said = exchanges.map { "\($0.server): \($0.result) after \($0.time)" }
            return [
                Finding(
                    .upstreamFails, "No upstream gave an answer for \(name.shown) (\(Words.list(said))).",
                    advice: "Check that the servers of the 'forward' line can be reached and answer: clusterdns query "
                        + "\(name.shown). @\(server)")
            ]
        case .records, .noData, .unknown: return []
        }
    }
}

extension Finding {
    static func notAsked(_ name: Name, _ why: String) -> Finding {
        Finding(.upstreamNotAsked, "\(name.shown) is forwarded, and whether it exists was not asked: \(why).")
    }

    static let notSynced = Finding(
        .notSynced,
        "The server has not received all objects of the cluster yet, so it answers SERVFAIL for names it does not "
            + "know.",
        advice: "Wait until /ready says 200; if it does not, the server's log tells what it waits for.")
}
