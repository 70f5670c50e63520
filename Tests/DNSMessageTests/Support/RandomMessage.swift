import DNSMessage
import TestSupport

/// Messages as random as they can be while legal: few labels, so that names share tails, in any case.
struct RandomMessage {
    var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed) }

    mutating func message() -> Message {
        let counts = (0..<3).map { _ in number(0...12) }
        let questions =
            number(0...9) == 0 ? [] : [Message.Question(name(), .a, class: number(0...9) == 0 ? .any : .internet)]
        return Message(
            id: UInt16.random(in: 0 ... .max, using: &random), flags: flags(), questions: questions,
            answer: records(counts[0]), authority: records(counts[1]), additional: records(counts[2]))
    }

    mutating func records(_ count: Int) -> [Record] { (0..<count).map { _ in record() } }

    mutating func record() -> Record {
        Record(
            name(), ttl: UInt32.random(in: 0 ... .max, using: &random), class: number(0...9) == 0 ? .chaos : .internet,
            data())
    }

    mutating func name() -> Name {
        switch number(0...19) {
        case 0: return .root
        case 1: return longName()
        default:
            let labels = (0..<number(1...5)).map { _ in label() }
            return Name(stringLiteral: labels.joined(separator: ".") + ".")
        }
    }

    private mutating func longName() -> Name {
        var name = Name.root
        let unit = Name(stringLiteral: String(repeating: "y", count: number(1...63)))
        while let longer = try? unit.appending(name) { name = longer }
        return name
    }

    private mutating func label() -> String {
        let words = [
            "a", "b", "web", "svc", "cluster", "local", "WEB", "Svc", "\\000", "\\255", "\\.",
            "x y".replacing(" ", with: "\\032"),
        ]
        return words[number(0...words.count - 1)]
    }

    private mutating func data() -> RecordData {
        switch number(0...13) {
        case 0: .a(IPAddress(v4: UInt32.random(in: 0 ... .max, using: &random)))
        case 1: .aaaa(IPAddress(high: random.next(), low: random.next()))
        case 2: .cname(name())
        case 3: .ns(name())
        case 4: .ptr(name())
        case 5: .dname(name())
        case 6:
            .soa(
                StartOfAuthority(
                    primaryServer: name(), responsibleMailbox: name(),
                    serial: UInt32.random(in: 0 ... .max, using: &random),
                    refresh: 1, retry: 2, expire: .max, minimum: 0))
        case 7: .mx(preference: 10, exchange: name())
        case 8: .srv(priority: 0, weight: 100, port: .max, target: name())
        case 9: .txt((0...number(0...3)).map { _ in string() })
        case 10: .hinfo(cpu: string(), os: string())
        case 11: .other(RecordType(rawValue: 17), name().wire + name().wire)  // RP
        case 12: .other(.naptr, [0, 1, 0, 2, 1, 0x75, 0, 2, 0x78, 0x79] + name().wire)
        default: .other(RecordType(rawValue: 65_280), string())
        }
    }

    private mutating func string() -> [UInt8] {
        (0..<(number(0...9) == 0 ? 255 : number(0...9))).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
    }

    /// Any flags but the reserved one, which libldns forgets.
    private mutating func flags() -> HeaderFlags {
        var flags = HeaderFlags(rawValue: UInt16.random(in: 0 ... .max, using: &random) & ~HeaderFlags.zeroBit)
        flags.opcode = .query
        return flags
    }

    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
}
