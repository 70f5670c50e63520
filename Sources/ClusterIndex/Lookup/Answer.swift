public import DNSMessage

extension ClusterIndex {
    /// Answers a question in the zone that it belongs to: writes the records of answer and additional section behind
    /// the question, which the writer has begun with, and tells how it went. The authority section is left to
    /// `addStartOfAuthority`, since a name error may yet fall through to somebody else.
    ///
    /// The class is not looked at. Nothing is allocated and no reference is counted.
    @inlinable @inline(__always)
    public func answer(
        _ question: QuestionView, in zone: ClusterZone, scratch: inout LookupScratch, into writer: inout MessageWriter
    ) -> ClusterOutcome {
        Lookup(memory, zone.memory).answer(question, &scratch, &writer)
    }

    /// Writes the zone's SOA record behind a negative answer. Its names point into the question and so are spelled as
    /// the client did.
    @inlinable @inline(__always)
    public func addStartOfAuthority(for name: NameView, in zone: ClusterZone, into writer: inout MessageWriter) {
        Lookup(memory, zone.memory).addStartOfAuthority(name, &writer)
    }
}

extension Lookup {
    @usableFromInline
    func answer(
        _ question: QuestionView, _ scratch: inout LookupScratch, _ writer: inout MessageWriter
    ) -> ClusterOutcome {
        let outcome =
            switch question.type {
            case .a: answerAddresses(question, .v4, &scratch, &writer)
            case .aaaa: answerAddresses(question, .v6, &scratch, &writer)
            default: answerOthers(question, &scratch, &writer)
            }
        // A name that has records of one type exists for all (RFC 8020).
        if case .nameError(.badName) = outcome, let address = ReverseName.address(of: question.name), hasPTR(address) {
            return .noData
        }
        return outcome
    }

    private func answerOthers(
        _ question: QuestionView, _ scratch: inout LookupScratch, _ writer: inout MessageWriter
    ) -> ClusterOutcome {
        let name = question.name
        switch question.type {
        case .axfr, .ixfr: return .refused
        case .ptr:
            if let address = ReverseName.address(of: name) { return answerPTR(address, &scratch, &writer) }
        default: break
        }
        let resolution = resolve(name)
        switch (question.type, resolution) {
        case (_, .missing(let reason)): return .nameError(reason)
        case (.soa, .apex):
            addStartOfAuthority(name, zone.pointee.authority, &writer)
            return .data
        case (.ns, .apex): return answerNameServers(name, &scratch, &writer)
        case (.txt, .version): return answerVersion(&writer)
        case (.srv, _): return answerServices(name, resolution, &scratch, &writer)
        case (.cname, .alias(let target, _)):
            writer.addName(.question, .cname, .wire(target), ttl: zone.pointee.ttl)
            return .data
        default: return .noData
        }
    }

    /// The SOA record behind a negative answer.
    @usableFromInline
    func addStartOfAuthority(_ name: NameView, _ writer: inout MessageWriter) {
        let isAfterAlias = writer.answerCount > 0
        writer.move(to: .authority)
        if isAfterAlias {
            addStartOfAuthorityInFull(zone.pointee.negative.pointee, &writer)
        } else {
            addStartOfAuthority(name, zone.pointee.negative, &writer)
        }
    }

    /// The SOA record of the zone, spelled as in the question, whose name is `name`.
    private func addStartOfAuthority(
        _ name: NameView, _ template: UnsafePointer<AuthorityTemplate>, _ writer: inout MessageWriter
    ) {
        guard zone.pointee.labelCount > 0 else { return addStartOfAuthorityInFull(template.pointee, &writer) }
        let serials = root.pointee.serials
        writer.add(
            template, apexStart: name.start(ofLabel: labelCount(of: name)),
            serial: zone.pointee.scope == .cluster ? serials.cluster : serials.clusterSet)
    }

    /// The same with the zone's own spelling: behind a CNAME, where it is the zone of the target, and for the root.
    private func addStartOfAuthorityInFull(_ template: AuthorityTemplate, _ writer: inout MessageWriter) {
        let apex = WrittenName.wire(zone.pointee.wire.baseAddress.unsafelyUnwrapped)
        writer.beginRecord(apex, .soa, ttl: template.ttl)
        for labels in [template.primaryServer, template.responsibleMailbox] {
            writer.put(UnsafeRawBufferPointer(start: labels.utf8Start, count: labels.utf8CodeUnitCount))
            writer.put(apex)
        }
        writer.put(root.pointee.serials[zone.pointee.scope])
        let times = template.times
        for time in [times.refresh, times.retry, times.expire, times.minimum] { writer.put(time) }
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

    private static var versionTTL: UInt32 { 28_800 }
}
