/// A Status (`meta/v1`) that the server answers with, or sends as an ERROR event.
public struct APIServerStatus: Error, Hashable, Sendable {
    /// An entry of `details.causes`.
    public struct Cause: Hashable, Sendable {
        /// `reason`.
        public var reason: String
        /// `message`.
        public var message: String
        /// `field`; empty where it is missing.
        public var field: String

        /// A cause.
        public init(reason: String, message: String, field: String = "") {
            self.reason = reason
            self.message = message
            self.field = field
        }
    }

    /// HTTP status code.
    public var code: Int
    /// `Expired`, `Forbidden`; empty where it is missing.
    public var reason: String
    /// The sentence.
    public var message: String
    /// `metadata.continue`; empty where it is missing.
    public var continueToken = ""
    /// Whether there are `details`.
    public var hasDetails = false
    /// `details.name`; empty where it is missing.
    public var name = ""
    /// `details.group`; empty where it is missing.
    public var group = ""
    /// `details.kind`; empty where it is missing.
    public var kind = ""
    /// `details.causes`.
    public var causes: [Cause] = []
    /// `details.retryAfterSeconds`; 0 where it is missing.
    public var retryAfterSeconds = 0

    /// A status without details.
    public init(code: Int, reason: String, message: String) {
        self.code = code
        self.reason = reason
        self.message = message
    }

    var json: [UInt8] {
        var writer = ByteWriter(capacity: 512)
        writer.object { writer in
            writer.member("kind", "Status")
            writer.member("apiVersion", "v1")
            writer.object("metadata") { $0.member("continue", unlessEmpty: continueToken) }
            writer.member("status", "Failure")
            writer.member("message", message)
            writer.member("reason", unlessEmpty: reason)
            if hasDetails { writer.object("details", detailsJSON) }
            writer.member("code", UInt64(code))
        }
        return writer.bytes
    }

    private func detailsJSON(_ writer: inout ByteWriter) {
        writer.member("name", unlessEmpty: name)
        writer.member("group", unlessEmpty: group)
        writer.member("kind", unlessEmpty: kind)
        if !causes.isEmpty {
            writer.array("causes") { writer in
                for cause in causes {
                    writer.object { writer in
                        writer.member("reason", cause.reason)
                        writer.member("message", cause.message)
                        writer.member("field", unlessEmpty: cause.field)
                    }
                }
            }
        }
        if retryAfterSeconds > 0 { writer.member("retryAfterSeconds", UInt64(retryAfterSeconds)) }
    }

    /// Without the envelope.
    var protobuf: [UInt8] {
        var writer = ByteWriter(capacity: 512)
        writer.message(1) { writer in
            writer.field(1, "")
            writer.field(2, "")
            writer.field(3, continueToken)
        }
        writer.field(2, "Failure")
        writer.field(3, message)
        writer.field(4, reason)
        if hasDetails { writer.message(5, detailsProtobuf) }
        writer.field(6, Int64(code))
        return writer.bytes
    }

    private func detailsProtobuf(_ writer: inout ByteWriter) {
        writer.field(1, name)
        writer.field(2, group)
        writer.field(3, kind)
        for cause in causes {
            writer.message(4) { writer in
                writer.field(1, cause.reason)
                writer.field(2, cause.message)
                writer.field(3, cause.field)
            }
        }
        writer.field(5, Int64(retryAfterSeconds))
        writer.field(6, "")
    }
}
