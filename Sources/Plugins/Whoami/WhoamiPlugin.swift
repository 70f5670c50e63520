import DNSMessage
import PluginKit

/// Answers with the client's address, port and transport.
final class WhoamiPlugin: QueryHandling {
    func onQuery(_ query: inout Query) -> Verdict {
        query.response.flags.isAuthoritative = true
        query.response.writer.move(to: .additional)
        query.response.writer.addAddress(.question, query.client.address, ttl: 0)
        addService(&query)
        return .reply
    }

    /// The record of the port; a name that grows too long by its label goes without.
    private func addService(_ query: inout Query) {
        let label: StaticString = query.transport == .udp ? "\u{4}_udp" : "\u{4}_tcp"
        let name = query.question.name
        let length = label.utf8CodeUnitCount + name.length
        guard length <= Name.maximumLength else { return }
        withUnsafeTemporaryAllocation(byteCount: length, alignment: 1) { owner in
            guard let base = owner.baseAddress else { return }
            base.copyMemory(from: label.utf8Start, byteCount: label.utf8CodeUnitCount)
            (base + label.utf8CodeUnitCount).copyMemory(from: name.spelled, byteCount: name.length)
            query.response.writer.beginRecord(.wire(base), .srv, ttl: 0)
            query.response.writer.put(UInt32(0))  // priority and weight
            query.response.writer.put(query.client.port)
            query.response.writer.put(UInt8(0))  // the root
            query.response.writer.endRecord()
        }
    }
}
