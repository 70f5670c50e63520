import DNSMessage
import Ldns
public import YAML

// The way back from JSON: what a running server explains is gone on with by whoever asked it.

extension NameExplanation {
    /// Reads what `json` gives. The fault names the place and says what is wrong with it.
    public init(json bytes: [UInt8]) throws(YAMLFault) {
        guard bytes.count <= Limits.readBytesMax else {
            throw YAMLFault(position: YAMLPosition(), message: "is too long for an explanation")
        }
        guard let root = try NodeTree.document(of: bytes) else {
            throw YAMLFault(position: YAMLPosition(), message: "is empty")
        }
        question = try root.string(of: "question")
        types = try root.texts(of: "types").compactMap { RecordType($0) }
        verdict = try root.word(of: "verdict")
        summary = try root.string(of: "summary")
        asker = try Asker(root.needed("asker"))
        sources = try root.texts(of: "sources")
        candidates = try root.list(of: "candidates", Candidate.init)
        findings = try root.list(of: "findings", Finding.init)
        notes = try root.texts(of: "notes")
    }
}

extension Asker {
    fileprivate init(_ field: Field) throws(YAMLFault) {
        description = try field.string(of: "description")
        search = try field.list(of: "search", Field.name)
        ndots = Int(try field.number(of: "ndots"))
        address = IPAddress(try field.string(of: "address"))
        origin = try field.string(of: "origin")
        findings = try field.list(of: "findings", Finding.init)
    }
}

extension Candidate {
    fileprivate init(_ field: Field) throws(YAMLFault) {
        name = try Field.name(field.needed("name"))
        suffix = try field.member("suffix").map(Field.name)
        obstacle = try field.string(of: "obstacle")
        path = try field.texts(of: "path")
        form = try field.string(of: "form")
        answers = try field.list(of: "answers", TypeAnswer.init)
        findings = try field.list(of: "findings", Finding.init)
    }
}

extension TypeAnswer {
    fileprivate init(_ field: Field) throws(YAMLFault) {
        guard let type = RecordType(try field.string(of: "type")) else { throw field.fault("must have a type") }
        self.type = type
        outcome = try field.word(of: "outcome")
        responseCode = ResponseCode(try field.string(of: "rcode"))
        reason = try field.string(of: "reason")
        records = try field.list(of: "records", Record.init)
        exchanges = try field.list(of: "exchanges", Exchange.init)
        // A server of an earlier version does not tell them.
        steps = try field.list(of: "steps", PluginStep.init)
    }
}

extension Record {
    fileprivate init(_ field: Field) throws(YAMLFault) {
        let words = [try field.string(of: "name"), "\(try field.number(of: "ttl"))", "IN"]
        let text = (words + [try field.string(of: "type"), try field.string(of: "data")]).joined(separator: " ")
        do {
            self = try Record(presentation: text)
        } catch {
            throw field.plainFault("is no record: \(error)")
        }
    }
}

extension Exchange {
    fileprivate init(_ field: Field) throws(YAMLFault) {
        server = try field.string(of: "server")
        result = try field.string(of: "result")
        milliseconds = Int(try field.number(of: "milliseconds"))
    }
}

extension PluginStep {
    fileprivate init(_ field: Field) throws(YAMLFault) {
        plugin = try field.string(of: "plugin")
        place = try field.string(of: "place")
        act = try field.word(of: "act")
        from = try field.string(of: "from")
        to = try field.string(of: "to")
        dependsOn = try field.texts(of: "dependsOn")
    }
}

extension Finding {
    fileprivate init(_ field: Field) throws(YAMLFault) {
        code = try field.word(of: "code")
        text = try field.string(of: "text")
        advice = try field.string(of: "advice")
    }
}

extension Field {
    fileprivate func needed(_ key: StaticString) throws(YAMLFault) -> Field {
        guard let member = try member(key) else { throw plainFault("has no \(key)") }
        return member
    }

    fileprivate func texts(of key: StaticString) throws(YAMLFault) -> [String] {
        try list(of: key) { (field) throws(YAMLFault) in try field.string() }
    }

    fileprivate func list<Value>(
        of key: StaticString, _ make: (Field) throws(YAMLFault) -> Value
    ) throws(YAMLFault) -> [Value] {
        var values: [Value] = []
        for element in try elements(of: key) { values.append(try make(element)) }
        return values
    }

    /// A word of a closed list.
    fileprivate func word<Value: RawRepresentable<String>>(of key: StaticString) throws(YAMLFault) -> Value {
        guard let value = Value(rawValue: try string(of: key)) else { throw plainFault("has an unknown \(key)") }
        return value
    }

    fileprivate func number(of key: StaticString) throws(YAMLFault) -> UInt32 {
        let member = try needed(key)
        guard let number = UInt32(tree.string(member.node)) else { throw member.fault("must be a number") }
        return number
    }

    fileprivate static func name(_ field: Field) throws(YAMLFault) -> Name {
        let text = try field.string()
        do throws(NameError) {
            return try Name(text)
        } catch {
            throw field.plainFault("is no name: \(error)")
        }
    }
}
