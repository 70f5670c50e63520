import DNSMessage
import PluginKit

/// Adds the identifier to replies whose query asked for it.
final class NsidPlugin: ResponseHandling {
    private let identifier: [UInt8]

    init(identifier: [UInt8]) { self.identifier = identifier }

    /// RFC 5001 §2.1: only in reply to a query that has the option itself.
    func onResponse(_ query: inout Query) {
        guard let edns = query.request.edns, edns.option(.nsid) != nil else { return }
        identifier.withUnsafeBytes { query.response.addOption(.nsid, $0) }
    }
}
