import DNSMessage

/// What came of one question.
struct Finding: Sendable {
    /// What it is.
    enum Outcome: Sendable {
        /// Records of the type, and their owner; further records that came along.
        case records([Record], owner: Name, additional: [Record])
        /// Aliases that lead to a name whose records did not come along.
        case alias(to: Name)
        case noData
        case nameError
        case failure(LookupError.Reason)
    }

    var outcome: Outcome
    /// Seconds that it may be used, a denial too; 0 where it may not be kept.
    var timeToLive: UInt32
    var source: AnswerSource?

    static func failed(_ reason: LookupError.Reason) -> Finding {
        Finding(outcome: .failure(reason), timeToLive: 0, source: nil)
    }

    /// Records of our own making.
    static func local(_ data: [RecordData], owner: Name, timeToLive: UInt32, _ source: AnswerSource) -> Finding {
        let records = data.map { Record(owner, ttl: timeToLive, $0) }
        return Finding(
            outcome: .records(records, owner: owner, additional: []), timeToLive: timeToLive, source: source)
    }

    /// The same some seconds later.
    func aged(by seconds: UInt32, _ source: AnswerSource) -> Finding {
        var older = self
        older.timeToLive -= min(seconds, timeToLive)
        older.source = source
        if case .records(let records, let owner, let additional) = outcome {
            let aged = { (record: Record) in
                var record = record
                record.ttl -= min(seconds, record.ttl)
                return record
            }
            older.outcome = .records(records.map(aged), owner: owner, additional: additional.map(aged))
        }
        return older
    }
}
