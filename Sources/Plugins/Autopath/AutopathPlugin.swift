import DNSMessage
import PluginKit
import Telemetry

/// Looks further along the search path when the first name of it does not exist.
final class AutopathPlugin: ResponseReviewing, Starting, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: everything is a constant but `counters`, which `start` writes before the first
    // query; what is published has one writer, the feed's queue.
    /// Where the first search domains come from.
    enum Source: Sendable {
        case cluster(ClusterZones)
        case file
    }

    private let zones: ZoneSet
    private let source: Source
    private let family: CounterFamily
    private let path: Published<SearchPath>
    private let reader: Published<SearchPath>.Reader
    private var counters: [Counter] = []

    init(_ zones: ZoneSet, _ source: Source, _ family: CounterFamily, workers: Int) {
        self.zones = zones
        self.source = source
        self.family = family
        path = Published(.none, workers: workers)
        reader = path.reader
    }

    func start(_ context: StartContext) throws(StartError) {
        counters = context.sites.map { family.counter([$0.server]) }
    }

    /// Shows all workers other search domains. One writer at a time.
    func publish(_ domains: [Name]) {
        switch source {
        case .cluster(let zones): path.publish(SearchPath(clusterZones: zones.forward, domains: domains))
        case .file: path.publish(SearchPath(domains: domains))
        }
    }

    func review(_ query: inout Query) -> Review {
        if let object = query.note, let note = object as? AutopathNote, note.isSearching {
            return goOn(note, &query)
        }
        guard query.question.class == .internet, zones.closest(query.question.name) != nil else { return .keep }
        let name = query.question.name
        let code = query.response.responseCode
        guard code == .nxDomain || code == .noError,
            let base = reader.read(query.worker, { $0.pointee.baseCount(of: name) })
        else { return .keep }
        guard code == .nxDomain else {
            count(query)
            return .keep
        }
        let candidates = reader.read(query.worker) { $0.pointee.candidates(name, baseCount: base) }
        let note = AutopathNote(query, candidates)
        query.remember(note)
        return ask(note, &query)
    }

    /// A candidate has been asked for.
    private func goOn(_ note: AutopathNote, _ query: inout Query) -> Review {
        if query.response.responseCode == .nxDomain || query.failure?.text == Chain.unanswered {
            return ask(note, &query)
        }
        if query.response.responseCode == .noError { count(query) }
        note.finish(&query)
        return .keep
    }

    private func ask(_ note: AutopathNote, _ query: inout Query) -> Review {
        query.failure = nil
        guard let candidate = note.next() else {
            note.restoreFirst(&query)
            return .keep
        }
        query.responder = nil
        // A name in wire form has at least the root's byte, so there is a base address.
        candidate.withUnsafeBytes {
            query.changeQuestion(name: $0.baseAddress.unsafelyUnwrapped, type: query.question.type)
        }
        return .askAgain
    }

    private func count(_ query: borrowing Query) {
        if query.site < counters.count { counters[query.site].add(by: query.worker) }
    }
}
