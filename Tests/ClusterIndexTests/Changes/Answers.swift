import ClusterIndex
import DNSMessage

/// Asks an index many questions and keeps the bytes of its answers.
struct Answers: Equatable {
    struct Question: Hashable, CustomStringConvertible {
        var name: Name
        var type: RecordType

        var description: String { "\(name) \(type)" }
    }

    static let zones: [ClusterZone] = {
        let own = ["10.0.0.1", "fd00::1"].compactMap { IPAddress($0) }
        return ["cluster.local", "set.local", "in-addr.arpa", "ip6.arpa"].map { (name: Name) in
            ClusterZone(name, isClusterSet: name == "set.local", primary: "cluster.local", ownAddresses: own)
        }
    }()

    private(set) var bytes: [Question: [UInt8]] = [:]

    init(of index: ClusterIndex, names: [Name], types: [RecordType]) {
        var writer = MessageWriter()
        var scratch = LookupScratch()
        var nameScratch = NameScratch()
        for name in names {
            for type in types {
                let question = QuestionView(name: nameScratch.read(name), type: type, class: .internet)
                guard let zone = Answers.zones.first(where: { $0.contains(question.name) }) else { continue }
                writer.begin(question)
                let outcome = index.answer(question, in: zone, scratch: &scratch, into: &writer)
                if outcome.isNegative { index.addStartOfAuthority(for: question.name, in: zone, into: &writer) }
                writer.finish(id: 0, flags: HeaderFlags(), responseCode: outcome.responseCode, edns: nil, limit: 65_535)
                bytes[Question(name: name, type: type)] = Array(writer.bytes)
            }
        }
    }

    /// The questions that two indexes answer differently.
    func differences(from other: Answers) -> [String] {
        bytes.compactMap { question, bytes in
            let theirs = other.bytes[question] ?? []
            return theirs == bytes ? nil : "\(question): \(Answers.text(bytes)) or \(Answers.text(theirs))"
        }.sorted()
    }

    /// Records that stand in an answer twice.
    func repeats() -> [String] {
        bytes.compactMap { question, bytes in
            guard let message = try? bytes.withUnsafeBytes({ try Message(decoding: $0) }) else {
                return "\(question): malformed"
            }
            let records = message.answer
            let additional = message.additional
            guard Set(records).count == records.count, Set(additional).count == additional.count else {
                return "\(question): \(Answers.text(bytes))"
            }
            return nil
        }.sorted()
    }

    /// Names for which one type exists and another does not.
    func disagreements(_ a: RecordType, _ b: RecordType) -> [String] {
        bytes.keys.filter { $0.type == a }.filter {
            responseCode($0) != responseCode(Question(name: $0.name, type: b))
        }.map(\.description).sorted()
    }

    private func responseCode(_ question: Question) -> UInt8? { bytes[question].map { $0[3] & 15 } }

    private static func text(_ bytes: [UInt8]) -> String {
        guard let message = try? bytes.withUnsafeBytes({ try Message(decoding: $0) }) else { return "malformed" }
        let records = (message.answer + message.authority + message.additional).map { "\($0.name) \($0.data)" }
        return "\(message.responseCode) \(records)"
    }
}
