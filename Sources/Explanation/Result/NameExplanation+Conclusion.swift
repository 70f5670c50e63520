import DNSMessage
import Ldns

// What the candidates come to: the verdict, its sentence, and the findings in the order of what they tell.

extension NameExplanation {
    /// Sums the candidates up. What comes behind the first candidate with records counts no more.
    public mutating func conclude() {
        let answered = candidates.firstIndex { $0.hasRecords }
        if let answered {
            for index in candidates.indices where index > answered {
                (candidates[index].answers, candidates[index].findings, candidates[index].path) = ([], [], [])
            }
        }
        let meant = answered.map { candidates[$0] } ?? mostTelling
        let isUnknown = candidates[..<(answered ?? candidates.count)].contains { $0.isUnknown }
        findings = asker.findings + (meant?.findings.sorted { $0.weight > $1.weight } ?? [])
        if answered == nil { addOthers() }
        addSearch(until: answered)
        if !asker.findings.isEmpty, meant.map({ !$0.form.isEmpty }) ?? false {
            verdict = .doesNotResolve
        } else {
            verdict = answered != nil ? .resolves : isUnknown ? .unknown : .doesNotResolve
        }
        summary = sentence(meant)
    }

    /// The text is no name at all.
    mutating func refuse(_ error: NameError) {
        verdict = .doesNotResolve
        let finding = Finding(
            .invalidName, "It is no name in DNS: \(error).",
            advice: "Labels have 1 to \(Name.maximumLabelLength) characters and stand between single dots.")
        findings = [finding]
        summary = "\(question) does not resolve: it is no name in DNS: \(error)."
    }

    /// The candidate that was probably meant.
    private var mostTelling: Candidate? {
        var best: (weight: Int, candidate: Candidate)?
        for candidate in candidates {
            let weight = weight(of: candidate)
            if best.map({ weight > $0.weight }) ?? true { best = (weight, candidate) }
        }
        return best?.candidate
    }

    private func weight(of candidate: Candidate) -> Int {
        let found = candidate.findings.map(\.weight).max() ?? 0
        return candidate.isNaturalReading(of: question, asker) ? found + Finding.naturalWeight : found
    }

    private mutating func addOthers() {
        // What a plugin does with all names alike is told of one.
        let alike: Set<Finding.Code> = [.answeredBefore, .refusedBefore]
        for finding in candidates.flatMap(\.findings) where !findings.contains(finding) {
            if alike.contains(finding.code), findings.contains(where: { $0.code == finding.code }) { continue }
            if finding.weight >= Finding.tellingWeight || finding.code == .upstreamNotAsked && isOpen {
                findings.append(finding)
            }
        }
    }

    private var isOpen: Bool { candidates.contains { $0.isUnknown } }

    /// What the search list costs, and where some resolvers give it up.
    private mutating func addSearch(until answered: Int?) {
        guard let answered, answered > 0 else { return }
        let vain = candidates[..<answered].filter { $0.obstacle.isEmpty }
        if let stop = vain.first(where: { $0.answers.contains { $0.outcome == .noData || $0.outcome == .failure } }) {
            findings.append(
                Finding(
                    .searchStops,
                    "The C library musl, which Alpine has, ends the search at \(stop.name.shown), since the answer "
                        + "there is not NXDOMAIN; the name does not resolve with it.",
                    advice: "Write the whole name: \(candidates[answered].name)"))
        }
        guard vain.count > 1 else { return }
        let queries = vain.reduce(0) { $0 + $1.answers.count }
        let name = candidates[answered].name
        findings.append(
            Finding(
                .searchCost,
                "\(vain.count) other names are asked for first, \(queries) queries at each look-up, since the name has "
                    + "fewer dots than ndots (\(asker.ndots)).",
                advice: "Write the name with a final dot, \(name), or set ndots lower in the Pod's dnsConfig."))
    }

    // MARK: The sentence

    private func sentence(_ meant: Candidate?) -> String {
        switch verdict {
        case .resolves: return resolving(meant)
        case .doesNotResolve:
            guard let first = findings.first else {
                return "\(question) does not resolve: \(plainReason(meant))."
            }
            return "\(question) does not resolve: \(Words.clause(first.text))" + clusterReading(besides: first)
                + (meant.map(\.mayBeAnsweredBefore) == true ? " A plugin in front of it may answer otherwise." : "")
        case .unknown:
            let open = findings.first { $0.code == .upstreamNotAsked }
            let told = "Whether \(question) resolves could not be found out" + (open.map { ": \($0.text)" } ?? ".")
            let others: Set<Finding.Code> = [.upstreamNotAsked, .answeredBefore]
            guard let cluster = findings.first(where: { !others.contains($0.code) && $0.isReason }) else {
                return told
            }
            return "In the cluster \(question) does not resolve: \(Words.clause(cluster.text)) \(open?.text ?? told)"
        }
    }

    /// What stands against the name as one of the cluster, where it was taken for one from outside.
    private func clusterReading(besides first: Finding) -> String {
        guard first.code == .upstreamDenies || first.code == .noServerBlock,
            let candidate = candidates.first(where: { $0.suffix != nil && $0.isNaturalReading(of: question, asker) }),
            let finding = candidate.findings.max(by: { $0.weight < $1.weight })
        else { return "" }
        return " As for the cluster: \(Words.clause(finding.text))"
    }

    private func plainReason(_ meant: Candidate?) -> String {
        guard let answer = meant?.answers.first else { return "no name was asked for" }
        let code = answer.responseCode?.description ?? "no reply"
        return answer.reason.isEmpty ? code : "\(code), \(answer.reason)"
    }

    private func resolving(_ meant: Candidate?) -> String {
        guard let meant else { return "\(question) resolves." }
        let records = meant.answers.filter { $0.outcome == .records }.flatMap(\.records)
        let values = records.compactMap { record in
            types.contains(record.type) || types.contains(.any) ? record.data.shortText : nil
        }
        var seen: Set<String> = []
        let unique = values.filter { seen.insert($0).inserted }
        let answering = meant.answers.first { $0.outcome == .records }?.steps.last(where: \.isDecision)
        let by = answering.flatMap { $0.plugin == "kubernetes" ? nil : ", by \($0.directive)" }
        let what = by ?? (meant.form.isEmpty || types == [.ptr] ? "" : ", \(meant.form)")
        let backend = findings.first { $0.code == .unreachableBackend }
        if let backend {
            return
                "\(question) resolves to \(Words.list(unique)), but nobody is behind it: \(Words.clause(backend.text))"
        }
        return "\(question) resolves to \(Words.list(unique))\(what)."
    }
}

extension Candidate {
    fileprivate var mayBeAnsweredBefore: Bool { findings.contains { $0.code == .maybeAnsweredBefore } }

    /// Whether people mean this name when they write the given one.
    fileprivate func isNaturalReading(of question: String, _ asker: Asker) -> Bool {
        guard let suffix else { return !form.isEmpty }
        let given = name.labelCount - suffix.labelCount
        switch asker.search.firstIndex(of: suffix) {
        case 0: return given == 1
        case 1: return given == 2
        case 2: return question.hasSuffix(".svc") || question.hasSuffix(".pod")
        default: return false
        }
    }
}

extension Finding {
    /// What a name counts for that people mean.
    static var naturalWeight: Int { 30 }
    /// From here on a finding is told of, whichever candidate has it.
    static var tellingWeight: Int { 60 }

    /// Whether it is why a name does not resolve.
    var isReason: Bool { weight >= 20 }

    /// How much a finding tells: objects that exist tell more than objects that do not.
    var weight: Int {
        switch code {
        case .wrongDomain, .answeredOtherwise, .notSynced, .otherResolver: 95
        case .refusedBefore: 92
        case .noReadyEndpoint, .noEndpoints, .noPodMatches, .portMissing, .podHostname, .externalNameUnusable,
            .aliasFails,
            .serviceHidden, .namespaceHidden, .podAddressUnknown, .podsDisabled, .podLabel,
            .invalidName:
            90
        case .endpointMissing, .unreachableBackend: 85
        case .familyAbsent: 50
        // With an advice where it keeps the name from resolving.
        case .answeredBefore: advice.isEmpty ? 12 : 88
        case .upstreamFails: 45
        case .upstreamDenies, .upstreamNotAsked, .noServerBlock: 40
        case .reverseUnknown: 60
        case .serviceMissing, .serviceElsewhere: 25
        case .namespaceMissing: advice.isEmpty ? 5 : 20
        case .notAClusterName: advice.hasPrefix("Did you mean") ? 20 : 4
        case .aliasTarget, .typeAbsent, .rewritten: 10
        case .dependsOnClient, .dependsOnFile, .maybeAnsweredBefore, .searchCost, .searchStops, .view: 1
        }
    }
}

extension Words {
    /// A sentence as the end of another one.
    static func clause(_ sentence: String) -> String {
        let starts = ["The ", "There ", "No ", "It ", "Below ", "Only ", "Names "]
        guard starts.contains(where: sentence.hasPrefix) else { return sentence }
        return sentence.prefix(1).lowercased() + sentence.dropFirst()
    }
}

extension RecordData {
    /// The data for a sentence, names without their final dot.
    fileprivate var shortText: String {
        switch self {
        case .a(let address), .aaaa(let address): address.description
        case .cname(let name), .ns(let name), .ptr(let name), .dname(let name): name.shown
        case .srv(_, _, let port, let target): "\(target.shown) port \(port)"
        case .soa, .mx, .txt, .hinfo, .other: presentation
        }
    }
}
