import DNSMessage

/// What a server's reply comes to.
enum ReplyJudgement {
    /// The answer, or that there is none.
    case settled(Finding.Outcome, timeToLive: UInt32)
    /// Another server may know better.
    case tryNext(LookupError.Reason)
    /// The server perhaps cannot read the OPT record (RFC 6891 §7).
    case askWithoutEDNS

    init(_ bytes: UnsafeRawBufferPointer, to question: Message.Question, hadEDNS: Bool) {
        guard let message = try? Message(decoding: bytes) else {
            self = .tryNext(.malformedReply)
            return
        }
        switch message.responseCode {
        case .noError: self = Self.walk(message, question, exists: true)
        case .nxDomain: self = Self.walk(message, question, exists: false)
        case .formErr where hadEDNS, .notImp where hadEDNS, .badVers where hadEDNS: self = .askWithoutEDNS
        case let code: self = .tryNext(.serverFailure(code, explanation: ExtendedError.text(message)))
        }
    }

    /// Follows the aliases of the answer to its end.
    private static func walk(_ message: Message, _ question: Message.Question, exists: Bool) -> ReplyJudgement {
        var owner = question.name
        var timeToLive = Limits.timeToLiveMax
        var hops = 0
        while hops <= Limits.aliasesMax {
            let own = message.answer.filter { $0.name == owner && $0.class == question.class }
            let wanted = question.type == .any ? own : own.filter { $0.type == question.type }
            if !wanted.isEmpty {
                let least = wanted.reduce(timeToLive) { min($0, $1.timeToLive) }
                return .settled(
                    .records(wanted, owner: owner, additional: message.additional.filter { $0.type != .opt }),
                    timeToLive: least)
            }
            guard let alias = own.first(where: { $0.type == .cname }), case .cname(let target) = alias.data else {
                return end(message, owner, timeToLive, hops: hops, exists: exists)
            }
            timeToLive = min(timeToLive, alias.timeToLive)
            owner = target
            hops += 1
        }
        return .settled(.failure(.tooManyAliases), timeToLive: 0)
    }

    /// Nothing is at the end: the code is that of the last name (RFC 6604 §3), and an SOA record tells that
    /// it is an answer.
    private static func end(
        _ message: Message, _ owner: Name, _ timeToLive: UInt32, hops: Int, exists: Bool
    ) -> ReplyJudgement {
        let denial = denialTime(message)
        let least = min(timeToLive, denial ?? 0)
        guard exists else { return .settled(.nameError, timeToLive: least) }
        if hops > 0, denial == nil { return .settled(.alias(to: owner), timeToLive: timeToLive) }
        // A referral, or a server that does not answer for the zone: what glibc calls lame.
        let isLame = !message.flags.isAuthoritative && !message.flags.recursionAvailable && denial == nil
        if isLame { return .tryNext(.malformedReply) }
        return .settled(.noData, timeToLive: least)
    }

    /// How long a denial may be kept (RFC 2308 §5); nil without an SOA record.
    private static func denialTime(_ message: Message) -> UInt32? {
        for record in message.authority {
            if case .soa(let soa) = record.data { return min(record.timeToLive, soa.minimum, Limits.deniedTimeMax) }
        }
        return nil
    }
}

extension Record {
    /// One with the highest bit counts as none (RFC 2181 §8).
    fileprivate var timeToLive: UInt32 { ttl > Limits.timeToLiveMax ? 0 : ttl }
}

/// Extended DNS Errors of a reply (RFC 8914).
private enum ExtendedError {
    /// The text, or else the number, of the first one.
    static func text(_ message: Message) -> String? {
        guard case .other(_, let options)? = message.additional.first(where: { $0.type == .opt })?.data else {
            return nil
        }
        var rest = options[...]
        while rest.count >= 4 {
            let numbers = Array(rest.prefix(4)).map(Int.init)
            let length = numbers[2] << 8 | numbers[3]
            let data = rest.dropFirst(4).prefix(length)
            rest = rest.dropFirst(4 + length)
            guard numbers[0] << 8 | numbers[1] == Int(EDNSOptionCode.extendedError.rawValue), data.count >= 2 else {
                continue
            }
            let code = data.prefix(2).reduce(0) { $0 << 8 | Int($1) }
            // What comes from the net goes to terminals and logs.
            let text = String(decoding: data.dropFirst(2), as: UTF8.self).prefix(Limits.explanationMax)
                .unicodeScalars.filter { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
            return text.isEmpty ? "extended error \(code)" : String(String.UnicodeScalarView(text))
        }
        return nil
    }
}
