extension JSONObject {
    mutating func status() throws(ObjectFault) -> APIStatus {
        var kind = ""
        var members = JSONStatus()
        try begin()
        while let key = try reader.nextMember() {
            if let member = JSONStatus.Member(key) {
                try members.read(member, &reader)
            } else if key.isEqual(to: "kind") {
                kind = try reader.optionalText("kind")
            } else {
                try reader.skip()
            }
        }
        guard kind == APIStatus.kind else { throw .broken(APIStatus.missing) }
        return members.status
    }
}

/// What was read of a Status, or of what may turn out to be one.
struct JSONStatus {
    private(set) var status = APIStatus(code: 0)
    private(set) var metadata = ListMetadata()

    /// The members that matter.
    enum Member {
        case metadata, message, reason, details, code

        init?(_ key: JSONText) {
            switch key {
            case "metadata": self = .metadata
            case "message": self = .message
            case "reason": self = .reason
            case "details": self = .details
            case "code": self = .code
            default: return nil
            }
        }
    }

    /// Reads the value of a member.
    mutating func read(_ member: Member, _ reader: inout JSONReader) throws(ObjectFault) {
        switch member {
        case .metadata:
            metadata = try ListMetadata(&reader)
            status.continueToken = metadata.continueToken
        case .message: status.message = try reader.optionalText("message")
        case .reason: status.reason = try reader.optionalText("reason")
        case .details: status.retryAfterSeconds = try Self.retryAfterSeconds(&reader)
        case .code: status.code = try reader.number("code") ?? 0
        }
    }

    private static func retryAfterSeconds(_ reader: inout JSONReader) throws(ObjectFault) -> Int {
        var seconds = 0
        guard try reader.beginObject("details") else { return seconds }
        while let key = try reader.nextMember() {
            switch key {
            case "retryAfterSeconds": seconds = try reader.number("details.retryAfterSeconds") ?? 0
            default: try reader.skip()
            }
        }
        return seconds
    }
}

extension ListMetadata {
    fileprivate init(_ reader: inout JSONReader) throws(ObjectFault) {
        self.init()
        guard try reader.beginObject("metadata") else { return }
        while let key = try reader.nextMember() {
            switch key {
            case "resourceVersion": version = ResourceVersion(try reader.optionalText("metadata.resourceVersion"))
            case "continue": continueToken = try reader.optionalText("metadata.continue")
            default: try reader.skip()
            }
        }
    }
}
