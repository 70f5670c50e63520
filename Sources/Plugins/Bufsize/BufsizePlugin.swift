import DNSMessage
import PluginKit

/// Lowers the size that the request tells.
final class BufsizePlugin: QueryHandling {
    private let size: UInt16

    init(size: UInt16) { self.size = size }

    func onQuery(_ query: inout Query) -> Verdict {
        if let told = query.request.edns?.udpSize, told > size { query.request.edns?.udpSize = size }
        return .next
    }
}
