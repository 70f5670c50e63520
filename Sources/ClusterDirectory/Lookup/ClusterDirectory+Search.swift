import ClusterIndex
import DNSMessage
import DNSResolver

extension ClusterDirectory {
    /// How one kind of look-up asks the index, and how it asks the fallback about a name; `alias` is the index's answer
    /// that led to the name, if one did.
    struct Question<Value: Hashable & Sendable> {
        let local: (LookupDesk, ClusterIndex, Name, ClusterZone) -> LookupStep<Value>
        let elsewhere: (any NameLookup, String, ClusterAnswer?) async throws(LookupError) -> Answers<Value>
    }

    /// Asks about one name after another, until one is found. All of it sees the same generation of the index.
    nonisolated(nonsending) func search<Value>(
        _ text: String, _ candidates: [Name], _ question: Question<Value>
    ) async throws(LookupError) -> Answers<Value> {
        guard let (index, isComplete) = feed.board.newest else { throw LookupError(text, .closed) }
        var findings = SearchFindings()
        for name in candidates {
            guard let zone = names.zone(of: name) else {
                if let found = try await ask(text, name, nil, question, &findings) { return found }
                continue
            }
            switch names.desks.with({ question.local($0, index, name, zone) }) {
            case .found(let answers): return answers
            case .noData: findings.noteNoData()
            case .nameError:
                // It may well exist, and nobody else knows better.
                guard isComplete else { throw LookupError(text, .serverFailure(.servFail, explanation: Self.notReady)) }
                findings.noteNameError()
                guard names.isShared(zone) else { continue }
                if let found = try await ask(text, name, nil, question, &findings) { return found }
            case .elsewhere(let target, let answer):
                guard names.fallback != nil else {
                    let explanation = "it is an alias of \(target), which is \(Self.outside)"
                    throw LookupError(text, .serverFailure(.refused, explanation: explanation))
                }
                if let found = try await ask(text, target, answer, question, &findings) { return found }
            }
        }
        let reason = findings.reason ?? .serverFailure(.refused, explanation: "it is \(Self.outside)")
        throw LookupError(text, reason)
    }

    /// Asks the fallback, if there is one; nil if it found nothing, which is noted.
    nonisolated(nonsending) private func ask<Value>(
        _ text: String, _ name: Name, _ alias: ClusterAnswer?, _ question: Question<Value>,
        _ findings: inout SearchFindings
    ) async throws(LookupError) -> Answers<Value>? {
        guard let fallback = names.fallback else { return nil }
        do throws(LookupError) {
            return try await question.elsewhere(fallback, name.description, alias)
        } catch {
            guard findings.note(error.reason) else { throw LookupError(text, error.reason) }
            return nil
        }
    }

    /// The names that a text may stand for.
    func candidates(_ text: String) throws(LookupError) -> [Name] {
        do throws(NameError) {
            return try names.candidates(text)
        } catch {
            throw LookupError(text, .badName(error))
        }
    }

    static let notReady = "the objects of the cluster have not arrived yet"
    private static let outside = "no name of the cluster, and there is no fallback to ask"
}

extension Answers {
    /// What a cluster tells, with the least TTL of the records that led to it; nil of nothing.
    init?(_ values: [Value], of records: [Record]) {
        guard !values.isEmpty, let last = records.last else { return nil }
        let ttl = records.lazy.map(\.ttl).min() ?? 0
        self.init(values, canonicalName: last.name, timeToLive: .seconds(Int64(ttl)), source: .cluster)
    }

    /// What somebody else told of the target of an alias.
    func behind(_ alias: ClusterAnswer?) -> Answers {
        guard let ttl = alias?.answer.lazy.map(\.ttl).min() else { return self }
        return Answers(
            values, canonicalName: canonicalName, timeToLive: min(timeToLive, .seconds(Int64(ttl))), source: source)
    }
}

extension LookupStep {
    /// One question to the index, and what of its answer is wanted.
    static func of(
        _ type: RecordType, _ desk: LookupDesk, _ index: ClusterIndex, _ name: Name, _ zone: ClusterZone,
        _ wanted: (ClusterAnswer) -> Answers<Value>?
    ) -> LookupStep {
        guard let answer = desk.answer(index, name, type, zone) else { return .noData }
        if let found = wanted(answer) { return .found(found) }
        if let target = answer.outsideTarget { return .elsewhere(target, answer) }
        return answer.responseCode == .nxDomain ? .nameError : .noData
    }
}
