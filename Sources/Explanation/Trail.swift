import ClusterIndex
import DNSMessage

/// One question on its way through the server blocks.
struct Trail {
    let explainer: Explainer
    private(set) var form = ""
    private(set) var findings: [Finding] = []
    private var steps: [PluginStep] = []
    private var aliases = 0
    /// What was found before a plugin had something else asked in addition.
    private var early: Set<Finding> = []

    init(explainer: Explainer) { self.explainer = explainer }

    mutating func answer(_ name: Name, _ type: RecordType) -> TypeAnswer {
        var answer = taken(name, type) ?? untaken(name, type)
        answer.steps = steps
        return answer
    }

    private mutating func untaken(_ name: Name, _ type: RecordType) -> TypeAnswer {
        steps.append(PluginStep("", "", .nobody))
        guard let route = route(of: name, type, isTold: false) else {
            tell(
                Finding(
                    .noServerBlock, "No server block of the Corefile has a zone for \(name.shown), so it is refused.",
                    advice: "Add a server block for the zone, such as one with the key '.:53', to the Corefile."))
            return TypeAnswer(type, .failure, .refused, reason: "no server block has the zone")
        }
        tell(
            Finding(
                .noServerBlock, "No plugin of \(route.place) takes \(name.shown), so the query fails.",
                advice: "If names outside of the cluster should resolve, add 'forward . /etc/resolv.conf' there."))
        return TypeAnswer(type, .failure, .servFail, reason: "no plugin takes it")
    }

    /// Nil where nobody takes the question.
    private mutating func taken(_ name: Name, _ type: RecordType) -> TypeAnswer? {
        guard let route = route(of: name, type, isTold: true) else { return nil }
        let run = explainer.plugins.run(PluginQuestion(name, type), through: route.block)
        var stop = run.start()
        // What the explainer answered last, or found behind an alias.
        var told: TypeAnswer?
        for _ in 0..<Limits.stopsMax {
            note(run.takeSteps(), isAnswered: told != nil)
            switch stop {
            case .reached(let index, let name, let type):
                let reply: StepReply
                (reply, told) = reach(route.steps[index], name, type)
                if let told, told.outcome == .unknown { return told.asked(for: type) }
                stop = run.goOn(with: reply)
            case .alias(let target, let type):
                let found = follow(target, type)
                if let found {
                    if found.outcome == .unknown { return found.asked(for: type, behind: told?.records ?? []) }
                    told = found
                }
                stop = run.goOn(with: .followed(found?.responseCode ?? .noError, found?.records ?? []))
            case .reply(let code, let records, let isOwn):
                return ended(type, code, records, isOwn ? nil : told, name)
            case .silence:
                return TypeAnswer(type, .failure, nil, reason: steps.last.map { "\($0.directive) drops it" } ?? "")
            case .nobody:
                guard let step = steps.last(where: { $0.act == .unknown }) else { return nil }
                return TypeAnswer(type, .unknown, nil, reason: "what \(step.directive) does was not worked out")
            }
        }
        return TypeAnswer(type, .failure, .servFail, reason: "the plugins ask again and again")
    }

    /// The block with the longest zone, among those of one port: that of the cluster. Of several the first that takes
    /// the question.
    private mutating func route(of name: Name, _ type: RecordType, isTold: Bool) -> ServerRoute? {
        let routes = explainer.routes
        let isCluster = { (route: ServerRoute) in
            route.steps.contains { if case .cluster = $0.action { true } else { false } }
        }
        guard let port = (routes.first(where: isCluster) ?? routes.first)?.port else { return nil }
        let here = routes.filter { $0.port == port && $0.zones.closest(to: name) != nil }
        let depth = here.compactMap { $0.zones.closest(to: name)?.labelCount }.max()
        for route in here where route.zones.closest(to: name)?.labelCount == depth {
            let question = PluginQuestion(name, type)
            let verdict = explainer.plugins.view(of: route.block, takes: question)
            if isTold { noteView(route, verdict) }
            if verdict != .declines { return route }
        }
        return nil
    }

    // MARK: What plugins do

    private mutating func tell(_ finding: Finding) {
        if !findings.contains(finding) { findings.append(finding) }
    }

    private mutating func noteView(_ route: ServerRoute, _ verdict: ViewVerdict) {
        let block = "\(Words.sentence(route.place)) has a view"
        switch verdict {
        case .absent: break
        case .takes: tell(Finding(.view, "\(block), which takes this query."))
        case .declines: tell(Finding(.view, "\(block), which does not take this query."))
        case .unknown(let reason):
            tell(
                Finding(
                    .view, "\(block), which goes by \(reason); here it is taken to take this query."))
        }
    }

    private mutating func note(_ new: [PluginStep], isAnswered: Bool) {
        for step in new {
            if step.act == .askedOtherwise, isAnswered { early.formUnion(findings) }
            // A plugin that asks again lets others see the question again.
            if step.act == .passed, steps.contains(step) { continue }
            steps.append(step)
            for finding in step.findings { tell(finding) }
        }
    }

    /// What a reply comes to that has been all the way up.
    private mutating func ended(
        _ type: RecordType, _ code: ResponseCode, _ records: [Record], _ told: TypeAnswer?, _ name: Name
    ) -> TypeAnswer {
        guard let told else {
            var answer = TypeAnswer(type, reply: code, records, [])
            let step = steps.last { $0.isDecision && $0.plugin != "kubernetes" }
            guard let step else { return answer }
            if answer.outcome != .records { answer.reason = "\(step.directive) answers so" }
            if step.act == .answered { tell(step.finding(answer, of: name, isClusterName: isClusterName(name))) }
            return answer
        }
        var answer = TypeAnswer(type, reply: code, records, told.exchanges)
        // Whoever asks again has records in the end, and why it had none at first does not matter.
        if answer.outcome == .records { findings.removeAll { $0.isReason && early.contains($0) } }
        if told.outcome == .failure { (answer.outcome, answer.responseCode) = (.failure, told.responseCode) }
        if answer.outcome == told.outcome { answer.reason = told.reason }
        return answer
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
            tell(.notAsked(name, why))
            return TypeAnswer(type, .unknown, nil, reason: why)
        }
    }

    private func isClusterName(_ name: Name) -> Bool {
        explainer.routes.flatMap(\.steps).contains { step in
            if case .cluster(let cluster) = step.action { cluster.zones.closest(to: name) != nil } else { false }
        }
    }

    // MARK: In the place of kubernetes and forward

    /// What the explainer answers for a plugin; nil in the place of the answer where the question goes on.
    private mutating func reach(_ step: RouteStep, _ name: Name, _ type: RecordType) -> (StepReply, TypeAnswer?) {
        switch step.action {
        case .forward(let forward):
            guard forward.takes(name) else { return (.passedOn, nil) }
            steps.append(PluginStep(step.plugin, step.place, .forwarded, to: Words.list(forward.servers)))
            noteWrongDomain(name)
            let answer = askUpstream(name, type, forward.servers)
            return (.reply(answer.responseCode ?? .servFail, answer.records), answer)
        case .cluster(let cluster):
            guard let zone = cluster.zones.closest(to: name), let known = explainer.clusters[cluster.cluster] else {
                return (.passedOn, nil)
            }
            let (reply, answer) = ask(known, cluster, zone, name, type)
            steps.append(PluginStep(step.plugin, step.place, answer == nil ? .passed : .answered))
            return (reply, answer)
        }
    }

    private mutating func ask(
        _ cluster: KnownCluster, _ step: ClusterStep, _ zoneName: Name, _ name: Name, _ type: RecordType
    ) -> (StepReply, TypeAnswer?) {
        let zone = ClusterZone(
            zoneName, ttl: step.ttl, isClusterSet: step.clusterSetZones.contains(zoneName), primary: step.domain)
        let spelled = cluster.index.form(of: name, in: zone)
        if form.isEmpty { form = spelled.description(isClusterSet: zone.isClusterSet) }
        guard let found = try? cluster.index.lookup(name, type, in: zone) else {
            return (.passedOn, TypeAnswer(type, .unknown, nil, reason: "the answer could not be worked out"))
        }
        let finder = ReasonFinder(facts: cluster.facts, step: step, zone: zone, name: name, type: type)
        let isDenied = found.reason != nil && found.answer.isEmpty
        if isDenied, !cluster.isSynced {
            tell(.notSynced)
            let reason = "the cluster's objects have not arrived yet"
            return (.reply(.servFail, []), TypeAnswer(type, .failure, .servFail, reason: reason))
        }
        for finding in finder.findings(spelled, found) { tell(finding) }
        if isDenied, step.passedOn.closest(to: name) != nil { return (.passedOn, nil) }
        if let target = found.outsideTarget {
            let alias = TypeAnswer(type, reply: .noError, found.answer, [])
            return (.alias(found.answer, target: target), alias)
        }
        var answer = TypeAnswer(type, reply: found.responseCode, found.answer, [])
        answer.reason = finder.reason(spelled, found)
        return (.reply(found.responseCode, found.answer), answer)
    }

    /// An alias is asked for like any other name. Nil where it stands alone.
    private mutating func follow(_ target: Name, _ type: RecordType) -> TypeAnswer? {
        aliases += 1
        guard aliases <= Limits.aliasesMax, type != .cname else { return nil }
        steps.append(PluginStep("", "", .followed, to: target.shown))
        guard let answer = taken(target, type) else {
            steps.append(PluginStep("", "", .nobody))
            tell(
                Finding(
                    .aliasFails,
                    "The name is an alias of \(target.shown), and no plugin here resolves that: the alias is all that "
                        + "is answered.",
                    advice: "If names outside of the cluster should resolve, add 'forward . /etc/resolv.conf'."))
            return nil
        }
        if answer.outcome == .nameError || answer.outcome == .failure {
            tell(
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

    /// The same for another type, what was asked for before a plugin changed that, and behind an alias.
    func asked(for type: RecordType, behind alias: [Record] = []) -> TypeAnswer {
        var answer = self
        answer.type = type
        answer.records = alias + records
        return answer
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
