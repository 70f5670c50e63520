import DNSMessage

/// Answers and denials, each for as long as its TTL allows (RFC 1035 §3.2.1, RFC 2308 §5), the least recently used
/// leaving first when there are too many. Times are monotonic, in nanoseconds.
struct AnswerCache {
    private struct Entry {
        let question: Message.Question
        let finding: Finding
        let storedTime: UInt64
        /// Neighbours by use; `none` at the ends.
        var newer: Int
        var older: Int
    }

    private static let none = -1
    private static let second: UInt64 = 1_000_000_000

    private let entriesMax: Int
    private var entries: [Entry] = []
    private var places: [Message.Question: Int] = [:]
    private var newest = none
    private var oldest = none

    init(entriesMax: Int) { self.entriesMax = max(entriesMax, 0) }

    var count: Int { places.count }

    /// What is known, with the seconds that are left of it.
    mutating func finding(_ question: Message.Question, now: UInt64) -> Finding? {
        guard let place = places[question] else { return nil }
        let entry = entries[place]
        let age = (now &- entry.storedTime) / Self.second
        guard age < UInt64(entry.finding.timeToLive) else { return nil }
        unlink(place)
        linkAsNewest(place)
        return entry.finding.aged(by: UInt32(age), .cache)
    }

    /// Keeps what may be kept: failures may not, nor what has no time to live.
    mutating func store(_ finding: Finding, for question: Message.Question, now: UInt64) {
        guard entriesMax > 0, finding.mayBeKept else { return }
        var kept = finding
        kept.timeToLive = min(finding.timeToLive, Limits.cachedTimeMax)
        if let place = places[question] {
            unlink(place)
            entries[place] = Entry(
                question: question, finding: kept, storedTime: now, newer: Self.none, older: Self.none)
            return linkAsNewest(place)
        }
        let entry = Entry(question: question, finding: kept, storedTime: now, newer: Self.none, older: Self.none)
        var place = entries.count
        if place < entriesMax {
            entries.append(entry)
        } else {
            place = oldest
            places[entries[place].question] = nil
            unlink(place)
            entries[place] = entry
        }
        places[question] = place
        linkAsNewest(place)
    }

    private mutating func unlink(_ place: Int) {
        let (newer, older) = (entries[place].newer, entries[place].older)
        if newer == Self.none { newest = older } else { entries[newer].older = older }
        if older == Self.none { oldest = newer } else { entries[older].newer = newer }
    }

    private mutating func linkAsNewest(_ place: Int) {
        (entries[place].newer, entries[place].older) = (Self.none, newest)
        if newest == Self.none { oldest = place } else { entries[newest].newer = place }
        newest = place
    }
}

extension Finding {
    fileprivate var mayBeKept: Bool {
        guard timeToLive > 0 else { return false }
        switch outcome {
        case .records(let records, _, let additional):
            return records.count + additional.count <= Limits.cachedRecordsMax
        case .alias, .noData, .nameError: return true
        case .failure: return false
        }
    }
}
