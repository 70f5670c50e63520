public import DNSMessage

/// Why a name resolves, or why it does not: everything that `explain` tells.
public struct NameExplanation: Hashable, Sendable {
    /// Whether an answer comes of it.
    public enum Verdict: String, Hashable, Sendable, CaseIterable {
        case resolves
        case doesNotResolve = "does not resolve"
        /// Something that decides could not be found out.
        case unknown
    }

    /// The name as it was asked about.
    public var question: String
    /// The types asked for.
    public var types: [RecordType]
    /// Who asks.
    public var asker: Asker
    /// Where the objects of the cluster, and the Corefile, come from: a line each.
    public var sources: [String]
    /// The names tried, in the order of the resolver; those behind the first answer are not looked at.
    public var candidates: [Candidate]
    /// Whether an answer comes of it.
    public var verdict: Verdict
    /// One sentence that says why.
    public var summary: String
    /// What was found about the name, and what to do, the most telling first.
    public var findings: [Finding]
    /// What could not be found out, a sentence each.
    public var notes: [String]
}

/// One of the names that a resolver tries for the name it was given.
public struct Candidate: Hashable, Sendable {
    /// The whole name.
    public var name: Name
    /// The suffix of the search list that was appended; nil for the name as it was given.
    public var suffix: Name?
    /// Why the name is not asked for at all; empty where it is.
    public var obstacle: String
    /// The plugins that see the query, in their order, until one answers, for the first
    /// type: `forward to 10.0.0.2`.
    public var path: [String]
    /// What the name spells, such as `the Service "web" in the namespace "shop"`; empty where it is no cluster name.
    public var form: String
    /// An answer for each type asked for; none where an earlier candidate has settled it.
    public var answers: [TypeAnswer]
    /// What was found about this name.
    public var findings: [Finding]

    /// Whether some type has records.
    public var hasRecords: Bool { answers.contains { $0.outcome == .records } }
    /// Whether something that decides is not known.
    public var isUnknown: Bool { answers.contains { $0.outcome == .unknown } }
}

/// What becomes of one question.
public struct TypeAnswer: Hashable, Sendable {
    /// How a question ends.
    public enum Outcome: String, Hashable, Sendable, CaseIterable {
        case records
        /// The name exists and has no record of the type.
        case noData = "no data"
        case nameError = "name error"
        /// Another response code: `responseCode` tells.
        case failure
        /// Nobody was asked who could tell.
        case unknown
    }

    /// The type asked for.
    public var type: RecordType
    /// How it ends.
    public var outcome: Outcome
    /// The response code; nil where there is no reply.
    public var responseCode: ResponseCode?
    /// The records of the answer section.
    public var records: [Record]
    /// Why, in a clause; empty where the records speak for themselves.
    public var reason: String
    /// The servers that were asked.
    public var exchanges: [Exchange]
    /// What the directives of the Corefile did, in the order of what happened; none where a server was asked.
    public var steps: [PluginStep] = []
}

/// Another server, asked once.
public struct Exchange: Hashable, Sendable {
    /// `10.0.0.2:53`.
    public var server: String
    /// The response code, or why there is none: `timed out`.
    public var result: String
    /// How long it took.
    public var milliseconds: Int

    /// An exchange.
    public init(server: String, result: String, milliseconds: Int) {
        self.server = server
        self.result = result
        self.milliseconds = milliseconds
    }
}
