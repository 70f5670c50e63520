public import DNSMessage

/// An answer that owns its records, for programs and tests.
public struct ClusterAnswer: Hashable, Sendable {
    /// NOERROR, NXDOMAIN or REFUSED.
    public var responseCode: ResponseCode
    /// Why, where the answer is NXDOMAIN.
    public var reason: NameErrorReason?
    /// The target of the last CNAME where it lies outside the zone and must be asked elsewhere.
    public var outsideTarget: Name?
    /// The records asked for.
    public var answer: [Record]
    /// The zone's SOA where there is no such record.
    public var authority: [Record]
    /// Addresses of targets.
    public var additional: [Record]
}

/// Room for look-ups that are done one after another: what a server has once for each of its cores.
public struct LookupRoom: ~Copyable {
    fileprivate var writer = MessageWriter()
    fileprivate var scratch = LookupScratch()
    fileprivate var name = NameScratch()

    /// Allocates the room, about a hundred kilobytes.
    public init() {}
}

extension ClusterIndex {
    /// Looks a name up, on the same way as a question from the network.
    public func lookup(_ name: Name, _ type: RecordType, in zone: ClusterZone) throws(MessageError) -> ClusterAnswer {
        var room = LookupRoom()
        return try lookup(name, type, in: zone, &room)
    }

    /// The same in room that is there already.
    public func lookup(
        _ name: Name, _ type: RecordType, in zone: ClusterZone, _ room: inout LookupRoom
    ) throws(MessageError) -> ClusterAnswer {
        let question = QuestionView(name: room.name.read(name), type: type, class: .internet)
        guard zone.contains(question.name) else {
            return ClusterAnswer(responseCode: .refused, answer: [], authority: [], additional: [])
        }
        room.writer.begin(question)
        let outcome = answer(question, in: zone, scratch: &room.scratch, into: &room.writer)
        if outcome.isNegative { addStartOfAuthority(for: question.name, in: zone, into: &room.writer) }
        var flags = HeaderFlags()
        flags.isResponse = true
        flags.isAuthoritative = true
        room.writer.finish(
            id: 0, flags: flags, responseCode: outcome.responseCode, edns: nil, limit: MessageWriter.maximumLength)
        let message = try Message(decoding: room.writer.bytes)
        return ClusterAnswer(
            responseCode: outcome.responseCode, reason: outcome.reason, outsideTarget: outcome.outsideTarget,
            answer: message.answer, authority: message.authority, additional: message.additional)
    }
}

extension ClusterOutcome {
    /// The response code that goes with the outcome, if nobody else takes the question.
    public var responseCode: ResponseCode {
        switch self {
        case .data, .noData, .alias: .noError
        case .nameError, .aliasToNothing: .nxDomain
        case .refused: .refused
        }
    }

    /// Whether the SOA record belongs into the authority section.
    public var isNegative: Bool {
        switch self {
        case .noData, .nameError, .aliasToNothing: true
        case .data, .alias, .refused: false
        }
    }

    /// Why the name does not exist.
    public var reason: NameErrorReason? {
        switch self {
        case .nameError(let reason), .aliasToNothing(let reason): reason
        case .data, .noData, .alias, .refused: nil
        }
    }

    fileprivate var outsideTarget: Name? {
        guard case .alias(let wire) = self else { return nil }
        var scratch = NameScratch()
        return Name(scratch.read(wire: wire))
    }
}
