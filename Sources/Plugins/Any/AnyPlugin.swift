import DNSMessage
import PluginKit

/// The HINFO record that stands for a refusal.
final class AnyPlugin: QueryHandling {
    /// Seconds; CoreDNS's number, after the RFC's.
    private static let ttl: UInt32 = 8482

    func onQuery(_ query: inout Query) -> Verdict {
        guard query.question.type == .any else { return .next }
        query.response.writer.beginRecord(.question, .hinfo, ttl: Self.ttl)
        query.response.writer.put(characterString: "ANY obsoleted")
        query.response.writer.put(characterString: "See RFC 8482")
        query.response.writer.endRecord()
        return .reply
    }
}

extension MessageWriter {
    fileprivate mutating func put(characterString text: StaticString) {
        put(characterString: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
