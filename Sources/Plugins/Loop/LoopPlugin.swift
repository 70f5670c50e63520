import DNSMessage
import PluginKit

/// Recognises the block's own probes among queries.
final class LoopPlugin: QueryHandling {
    private let watch: LoopWatch

    init(_ watch: LoopWatch) { self.watch = watch }

    func onQuery(_ query: inout Query) -> Verdict {
        // Hardly anybody else asks for this type.
        guard query.question.type == .hinfo, let probe = watch.probe(Name(query.question.name)) else {
            return .next
        }
        watch.cameBack(probe, from: "\(query.client)", site: query.site)
        // Nobody is to go on with it, and no cache to keep it for long.
        return .fail(.refused)
    }
}
