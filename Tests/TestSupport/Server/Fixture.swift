import Corefile
import DNSMessage
public import PluginKit

/// A plugin for tests, which answers from records in the Corefile, so that a test of something else needs no cluster.
///
/// ```
/// fixture {
///     record web.example. 5 IN A 10.0.0.1      (a CNAME is followed through the whole server)
///     many answer big.example. 1000            (so many A records, or `authority` or `additional` ones)
///     fail broken.example. SERVFAIL
///     explain broken.example. 23               (an Extended DNS Error, its text the name of this plugin)
///     drop silent.example.
///     foreign                                  (takes part in classes other than IN)
///     next                                     (passes names on that it does not know)
/// }
/// ```
/// What exists is answered with AA; other types of an existing name are NODATA, other names NXDOMAIN, with the SOA
/// record in authority if one is among the records.
public enum Fixture: PluginKind {
    /// The word in the Corefile.
    public static let name = "fixture"

    /// Adds one link with what all lines say.
    public static func setUp(_ setup: inout Setup) {
        var data = FixtureData()
        for directive in setup.directives {
            for line in directive.block ?? [] { data.read(line, &setup.diagnostics) }
        }
        setup.link(data.isForeign ? ForeignFixturePlugin(data) : FixturePlugin(data))
    }
}

/// What the lines of a fixture say.
struct FixtureData {
    enum Behaviour {
        case records([Record])
        case many(Section, Int)
        case fail(ResponseCode)
        case drop
    }

    var behaviours: [Name: Behaviour] = [:]
    var explanations: [Name: ExtendedErrorCode] = [:]
    var startOfAuthority: Record?
    var isForeign = false
    var passesOn = false

    mutating func read(_ line: Directive, _ diagnostics: inout Diagnostics) {
        let words = line.arguments.map(\.text)
        switch line.name.text {
        case "record": add(RecordText.record(words))
        case "many": behaviours[Name(stringLiteral: words[1])] = .many(section(words[0]), Int(words[2]) ?? 0)
        case "fail": behaviours[Name(stringLiteral: words[0])] = .fail(ResponseCode(words[1]) ?? .servFail)
        case "explain":
            explanations[Name(stringLiteral: words[0])] = ExtendedErrorCode(rawValue: UInt16(words[1]) ?? 0)
        case "drop": behaviours[Name(stringLiteral: words[0])] = .drop
        case "foreign": isForeign = true
        case "next": passesOn = true
        default:
            let known = ["record", "many", "fail", "explain", "drop", "foreign", "next"]
            line.reportUnknownProperty(among: known, &diagnostics)
        }
    }

    private mutating func add(_ record: Record) {
        if case .records(let earlier) = behaviours[record.name] {
            behaviours[record.name] = .records(earlier + [record])
        } else {
            behaviours[record.name] = .records([record])
        }
        if record.type == .soa { startOfAuthority = record }
    }

    private func section(_ word: String) -> Section {
        switch word {
        case "answer": .answer
        case "authority": .authority
        default: .additional
        }
    }
}

/// The link of a fixture. Immutable.
class FixturePlugin: QueryHandling, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: everything is a constant; the class is open only for `ForeignFixturePlugin`.
    private let data: FixtureData

    init(_ data: FixtureData) { self.data = data }

    func onQuery(_ query: inout Query) -> Verdict {
        let name = Name(query.question.name)
        if let code = data.explanations[name] { query.response.explain(code, "fixture") }
        query.response.flags.isAuthoritative = true
        switch data.behaviours[name] {
        case .drop: return .drop
        case .fail(let code): return query.fail(Failure(plugin: "fixture", "told to"), code)
        case .many(let section, let count):
            addMany(section, count, &query)
            return .reply
        case .records(let records): return answer(records, &query)
        case nil:
            if data.passesOn { return .next }
            query.response.responseCode = .nxDomain
            addStartOfAuthority(&query)
            return .reply
        }
    }

    private func addMany(_ section: Section, _ count: Int, _ query: inout Query) {
        query.response.writer.move(to: section)
        for index in 0..<count {
            let address = IPAddress(v4: 0x0A00_0000 + UInt32(index))
            query.response.writer.addAddress(.question, address, ttl: 5)
        }
    }

    /// Owners are written as the client spelled them.
    private func answer(_ known: [Record], _ query: inout Query) -> Verdict {
        let owner = Name(query.question.name)
        let records = known.map { Record(owner, ttl: $0.ttl, class: $0.class, $0.data) }
        let type = query.question.type
        let matching = records.filter { $0.type == type && $0.class == query.question.class }
        for record in matching { query.response.writer.add(record) }
        if !matching.isEmpty { return .reply }
        for record in records {
            guard case .cname(let target) = record.data else { continue }
            query.response.writer.add(record)
            // A name in wire form has at least the root's byte, so there is a base address.
            target.wire.withUnsafeBytes { query.response.setAlias(wire: $0.baseAddress.unsafelyUnwrapped) }
            return .follow
        }
        addStartOfAuthority(&query)
        return .reply
    }

    private func addStartOfAuthority(_ query: inout Query) {
        guard let record = data.startOfAuthority else { return }
        query.response.writer.move(to: .authority)
        query.response.writer.add(record)
    }
}

/// The same for a fixture that takes part in classes other than IN.
final class ForeignFixturePlugin: FixturePlugin, ForeignClassAnswering, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: it adds no state to its immutable superclass.
}
