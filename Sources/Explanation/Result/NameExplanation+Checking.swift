public import DNSMessage

extension NameExplanation {
    /// Holds the answers against what a server says, name by name, until one has records: what was not known is filled
    /// in, and what is otherwise is told.
    public mutating func check(server: String, _ ask: (Name, RecordType) -> Explainer.UpstreamReply) {
        for index in candidates.indices where candidates[index].obstacle.isEmpty {
            for place in candidates[index].answers.indices {
                let answer = candidates[index].answers[place]
                switch ask(candidates[index].name, answer.type) {
                case .reply(let code, let records, let exchanges):
                    let observed = TypeAnswer(answer.type, reply: code, records, exchanges)
                    candidates[index].take(observed, at: place, of: server)
                case .silence(let exchanges):
                    let result = exchanges.last?.result ?? "no reply"
                    notes.append("\(server) was asked as well and did not answer from here (\(result)).")
                    return conclude()
                case .notAsked(let why):
                    notes.append("\(server) was not asked: \(why).")
                    return conclude()
                }
            }
            // Whoever stands in front has had a say now.
            candidates[index].findings.removeAll {
                [.maybeAnsweredBefore, .dependsOnClient, .dependsOnFile].contains($0.code)
            }
            if candidates[index].hasRecords { break }
        }
        conclude()
    }
}

extension Candidate {
    fileprivate mutating func take(_ observed: TypeAnswer, at place: Int, of server: String) {
        let expected = answers[place]
        answers[place].exchanges += observed.exchanges
        if expected.outcome == .unknown {
            answers[place] = observed
            findings.removeAll { $0.code == .upstreamNotAsked }
            findings += observed.upstreamFindings(name)
            return
        }
        guard !expected.agrees(with: observed) else { return }
        answers[place] = observed
        findings.append(
            Finding(
                .answeredOtherwise,
                "\(server) answers \(observed.type) of \(name.shown) with \(observed.words), although by its "
                    + "objects it should be \(expected.words).",
                advice:
                    "Look for a plugin that stands before kubernetes, such as rewrite, template or hosts, for a cache "
                    + "between here and the server, and whether the same server was asked."))
    }
}

extension TypeAnswer {
    /// Whether the same comes of it; TTLs and the order of records do not count.
    fileprivate func agrees(with other: TypeAnswer) -> Bool {
        responseCode == other.responseCode && Set(records.map(\.data)) == Set(other.records.map(\.data))
    }

    fileprivate var words: String {
        let code = responseCode?.description ?? "no reply"
        return records.isEmpty ? (outcome == .noData ? "no record" : code) : Words.count(records.count, "record")
    }
}
