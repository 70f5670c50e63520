public import ClusterIndex
public import DNSMessage
public import DNSResolver

/// Look-ups of the cluster's names are answered at once, without a packet and where the caller runs; the functions are
/// asynchronous for what the fallback is asked.
///
/// A relative name is looked for in the directory's namespace, in all namespaces and in the cluster's domain, and then
/// elsewhere; names of more than four dots are looked for elsewhere first. Without a fallback the names of the cluster
/// are all there are: a relative name that is not found does not exist, and what an absolute one would lead out of the
/// cluster for fails with REFUSED. Reverse names that the cluster does not have are passed to the fallback too.
extension ClusterDirectory: NameLookup {
    /// The addresses of a service, an endpoint or a pod; where an ExternalName service points to, those of its target.
    /// A and AAAA are of one moment.
    nonisolated(nonsending) public func addresses(
        of host: String, _ families: AddressFamilies
    ) async throws(LookupError) -> Answers<IPAddress> {
        if let literal = try WrittenAddress.address(host), let name = try? Name(host) {
            let isWanted = families.contains(literal.family == .v4 ? .v4 : .v6)
            guard isWanted else { throw LookupError(host, .noData) }
            return Answers([literal], canonicalName: name, timeToLive: Self.literalTTL, source: .literal)
        }
        return try await search(
            host, try candidates(host),
            Question(
                local: { desk, index, name, zone in Self.addresses(families, desk, index, name, zone) },
                elsewhere: { fallback, name, alias async throws(LookupError) in
                    try await fallback.addresses(of: name, families).behind(alias)
                }))
    }

    /// The addresses of both families; where the caller runs, which the protocol's own would leave.
    nonisolated(nonsending) public func addresses(of host: String) async throws(LookupError) -> Answers<IPAddress> {
        try await addresses(of: host, .all)
    }

    /// The targets of a service's port, `_http._tcp.web.prod`, with their addresses. As many as a DNS message holds,
    /// about a thousand; `endpoints` has no such bound.
    nonisolated(nonsending) public func services(of name: String) async throws(LookupError) -> Answers<ServiceTarget> {
        try await search(
            name, try candidates(name),
            Question(
                local: { desk, index, name, zone in
                    LookupStep.of(.srv, desk, index, name, zone) { answer in
                        Answers(Self.targets(answer, desk, index, zone), of: answer.answer)
                    }
                },
                elsewhere: { fallback, name, alias async throws(LookupError) in
                    try await fallback.services(of: name).behind(alias)
                }))
    }

    /// The names of a cluster IP or of a ready endpoint.
    nonisolated(nonsending) public func names(of address: IPAddress) async throws(LookupError) -> Answers<Name> {
        try await search(
            address.description, [ReverseName.name(of: address.unmapped)],
            Question(
                local: { desk, index, name, zone in
                    LookupStep.of(.ptr, desk, index, name, zone) { answer in
                        let names = answer.answer.compactMap { if case .ptr(let name) = $0.data { name } else { nil } }
                        return Answers(names, of: answer.answer)
                    }
                },
                elsewhere: { fallback, _, _ async throws(LookupError) in try await fallback.names(of: address) }))
    }

    /// The TXT records of a name; a cluster has one, `dns-version` in its domain.
    nonisolated(nonsending) public func texts(of name: String) async throws(LookupError) -> Answers<Text> {
        try await search(
            name, try candidates(name),
            Question(
                local: { desk, index, name, zone in
                    LookupStep.of(.txt, desk, index, name, zone) { answer in
                        let texts = answer.answer.compactMap {
                            if case .txt(let strings) = $0.data { Text(strings) } else { nil }
                        }
                        return Answers(texts, of: answer.answer)
                    }
                },
                elsewhere: { fallback, name, alias async throws(LookupError) in
                    try await fallback.texts(of: name).behind(alias)
                }))
    }

    /// Records of any type, with the aliases (CNAME) that lead to them.
    nonisolated(nonsending) public func records(
        of name: String, _ type: RecordType
    ) async throws(LookupError) -> Answers<Record> {
        try await search(
            name, try candidates(name),
            Question(
                local: { desk, index, name, zone in
                    LookupStep.of(type, desk, index, name, zone) { answer in
                        guard answer.answer.contains(where: { $0.type == type }) else { return nil }
                        return Answers(answer.answer, of: answer.answer)
                    }
                },
                elsewhere: { fallback, name, alias async throws(LookupError) in
                    let found = try await fallback.records(of: name, type).behind(alias)
                    return Answers(
                        (alias?.answer ?? []) + found.values, canonicalName: found.canonicalName,
                        timeToLive: found.timeToLive, source: found.source)
                }))
    }

    /// The answer of a server to a question about a name of the cluster, without search list and fallback; nil for a
    /// name that is not the cluster's. Does not wait for anything.
    public func answer(to name: Name, _ type: RecordType) -> ClusterAnswer? {
        guard let (index, isComplete) = feed.board.newest, let zone = names.zone(of: name),
            var answer = names.desks.with({ $0.answer(index, name, type, zone) })
        else { return nil }
        if answer.responseCode == .nxDomain, !isComplete {
            answer.responseCode = .servFail
            answer.authority = []
        }
        return answer
    }
}

// MARK: - What the index says

extension ClusterDirectory {
    /// The longest there is (RFC 2181 §8).
    private static let literalTTL = Duration.seconds(Int64(Int32.max))

    private static func addresses(
        _ families: AddressFamilies, _ desk: LookupDesk, _ index: ClusterIndex, _ name: Name, _ zone: ClusterZone
    ) -> LookupStep<IPAddress> {
        var found: [IPAddress] = []
        var records: [Record] = []
        var last = LookupStep<IPAddress>.noData
        for (family, type) in [(AddressFamilies.v6, RecordType.aaaa), (.v4, .a)] where families.contains(family) {
            last = LookupStep.of(type, desk, index, name, zone) { answer in
                let addresses = answer.answer.compactMap(\.address)
                found += addresses
                if !addresses.isEmpty { records += answer.answer }
                return nil
            }
        }
        // Whether the name exists does not depend on the family.
        return Answers(Self.ordered(found), of: records).map { .found($0) } ?? last
    }

    private static func targets(
        _ answer: ClusterAnswer, _ desk: LookupDesk, _ index: ClusterIndex, _ zone: ClusterZone
    ) -> [ServiceTarget] {
        var addresses: [Name: [IPAddress]] = [:]
        for record in answer.additional {
            if let address = record.address { addresses[record.name, default: []].append(address) }
        }
        let targets = answer.answer.compactMap { record -> ServiceTarget? in
            guard case .srv(let priority, let weight, let port, let host) = record.data else { return nil }
            return ServiceTarget(
                priority: priority, weight: weight, port: port, host: host,
                addresses: addresses[host].map(ordered) ?? self.addresses(ofTarget: host, desk, index, zone))
        }
        return ServiceOrder.sorted(targets)
    }

    /// The addresses that had no room beside the targets.
    private static func addresses(
        ofTarget host: Name, _ desk: LookupDesk, _ index: ClusterIndex, _ zone: ClusterZone
    ) -> [IPAddress] {
        guard case .found(let answers) = addresses(.all, desk, index, host, zone) else { return [] }
        return answers.values
    }

    /// Each family in random order, which spreads the load; that one first which is the better to reach from here
    /// (RFC 6724). Of the addresses of one cluster one tells that for all of its family.
    private static func ordered(_ addresses: [IPAddress]) -> [IPAddress] {
        let shuffled = addresses.count > 1 ? addresses.shuffled() : addresses
        guard let v6 = shuffled.first(where: { $0.family == .v6 }),
            let v4 = shuffled.first(where: { $0.family == .v4 }), let best = AddressOrder.sorted([v6, v4]).first
        else { return shuffled }
        return shuffled.filter { $0.family == best.family } + shuffled.filter { $0.family != best.family }
    }
}
