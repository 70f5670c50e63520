public import DNSMessage

extension ClusterIndex {
    /// Answers a question in the zone that it belongs to: writes the records of answer and additional section behind
    /// the question, which the writer has begun with, and tells how it went. The authority section is left to
    /// `addStartOfAuthority`, since a name error may yet fall through to somebody else.
    ///
    /// The class is not looked at. Nothing is allocated and no reference is counted.
    public borrowing func answer(
        _ question: QuestionView, in zone: borrowing ClusterZone, scratch: inout LookupScratch,
        into writer: inout MessageWriter
    ) -> ClusterOutcome {
        Lookup(root: head, zone: zone.head).answer(question, &scratch, &writer)
    }

    /// Writes the zone's SOA record behind a negative answer. Its names point into the question and so are spelled as
    /// the client did.
    public borrowing func addStartOfAuthority(
        for name: NameView, in zone: borrowing ClusterZone, into writer: inout MessageWriter
    ) {
        writer.move(to: .authority)
        Lookup(root: head, zone: zone.head).addStartOfAuthority(name, ttl: zone.head.pointee.negativeTTL, &writer)
    }
}

extension Lookup {
    @inline(__always)
    func answer(
        _ question: QuestionView, _ scratch: inout LookupScratch, _ writer: inout MessageWriter
    ) -> ClusterOutcome {
        switch question.type {
        case .a: return answerAddresses(question, .v4, &scratch, &writer)
        case .aaaa: return answerAddresses(question, .v6, &scratch, &writer)
        default: return answerOthers(question, &scratch, &writer)
        }
    }

    private func answerOthers(
        _ question: QuestionView, _ scratch: inout LookupScratch, _ writer: inout MessageWriter
    ) -> ClusterOutcome {
        let name = question.name
        switch question.type {
        case .axfr, .ixfr: return .refused
        case .ptr:
            if let address = ReverseName.address(of: name) { return answerPTR(address, &scratch, &writer) }
        case .soa:
            if let address = ReverseName.address(of: name), hasPTR(address) { return .noData }
        default: break
        }
        let resolution = resolve(name)
        switch (question.type, resolution) {
        case (_, .missing(let reason)): return .nameError(reason)
        case (.soa, .apex):
            addStartOfAuthority(name, ttl: zone.pointee.authorityTTL, &writer)
            return .data
        case (.ns, .apex): return answerNameServers(name, &scratch, &writer)
        case (.txt, .version): return answerVersion(&writer)
        case (.soa, .version): return .noData
        case (.ptr, .nameServer): return .nameError(.badName)
        case (_, .version): return .nameError(.badName)
        case (.srv, _): return answerServices(name, resolution, &scratch, &writer)
        case (.cname, .alias(let target, _)):
            writer.addName(.question, .cname, .wire(target), ttl: zone.pointee.ttl)
            return .data
        default: return .noData
        }
    }

    /// The SOA record of the zone; `name` is the question's.
    func addStartOfAuthority(_ name: NameView, ttl: UInt32, _ writer: inout MessageWriter) {
        // Behind a CNAME it is the zone of the target that tells of its absence.
        let isTargets = writer.answerCount > 0
        let apex: WrittenName =
            isTargets
            ? .wire(zone.pointee.wire.baseAddress.unsafelyUnwrapped)
            : .questionSuffix(name.start(ofLabel: labelCount(of: name)))
        let serial =
            zone.pointee.scope == .cluster
            ? root.pointee.serials.cluster : root.pointee.serials.clusterSet
        writer.beginRecord(apex, .soa, ttl: ttl)
        writer.put(labels: "\u{2}ns\u{3}dns")
        writer.put(apex)
        writer.put(labels: "\u{A}hostmaster")
        writer.put(apex)
        writer.put(serial)
        writer.put(StartOfAuthorityTimes.refresh)
        writer.put(StartOfAuthorityTimes.retry)
        writer.put(StartOfAuthorityTimes.expire)
        writer.put(zone.pointee.minimum)
        writer.endRecord()
    }

    /// The version of the specification for DNS in Kubernetes that is implemented.
    private func answerVersion(_ writer: inout MessageWriter) -> ClusterOutcome {
        let version: StaticString = "1.1.0"
        writer.addText(
            .question, UnsafeRawBufferPointer(start: version.utf8Start, count: version.utf8CodeUnitCount),
            ttl: Lookup.versionTTL)
        return .data
    }

    private static let versionTTL: UInt32 = 28_800
}

/// Times of the SOA record, in seconds.
private enum StartOfAuthorityTimes {
    static let refresh: UInt32 = 7200
    static let retry: UInt32 = 1800
    static let expire: UInt32 = 86_400
}

extension MessageWriter {
    /// Labels in wire form, as they stand.
    @inline(__always)
    mutating func put(labels: StaticString) {
        put(UnsafeRawBufferPointer(start: labels.utf8Start, count: labels.utf8CodeUnitCount))
    }
}
