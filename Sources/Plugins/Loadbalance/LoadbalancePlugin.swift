import DNSMessage
import PluginKit

/// Shuffles the addresses of replies.
final class LoadbalancePlugin: ResponseHandling {
    // Written once in `init`, read only afterwards; not an array, whose reference count all workers would share.
    private nonisolated(unsafe) let preferred: UnsafeMutableBufferPointer<AddressPrefix>

    /// Nil shuffles all addresses alike.
    private let weights: Published<AddressWeights>?

    init(preferred: [AddressPrefix], weights: Published<AddressWeights>? = nil) {
        self.weights = weights
        self.preferred = .allocate(capacity: preferred.count)
        _ = self.preferred.initialize(from: preferred)
    }

    deinit { preferred.deallocate() }

    func onResponse(_ query: inout Query) {
        guard query.response.responseCode == .noError, query.response.writer.recordCount > 1,
            query.question.type != .axfr, query.question.type != .ixfr
        else { return }
        if let weights { return putWeightedFirst(&query, weights) }
        let limit = query.transport == .udp ? min(query.clientSize, query.udpSize) : query.clientSize
        var shuffle = RecordShuffle(seed: query.chance, limit: limit, preferred: UnsafeBufferPointer(preferred))
        query.response.writer.shuffleRecords(&shuffle)
    }

    /// One address of each section comes first by chance, the others stay.
    private func putWeightedFirst(_ query: inout Query, _ weights: Published<AddressWeights>) {
        let type = query.question.type
        guard type == .a || type == .aaaa || type == .srv else { return }
        weights.reader.read(query.worker) { weights in
            var shuffle = RecordShuffle(
                seed: query.chance, preferred: UnsafeBufferPointer(preferred), weights: weights.pointee)
            query.response.writer.shuffleRecords(&shuffle)
        }
    }
}

extension Query {
    /// A number that no two queries are likely to share: no generator has to be kept for each worker.
    fileprivate var chance: UInt64 {
        mixed(receivedAt ^ UInt64(request.id) << 48 ^ UInt64(client.port) << 32 ^ client.address.low)
    }
}
