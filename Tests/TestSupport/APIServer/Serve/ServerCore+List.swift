import Dispatch
import KubernetesWatch

/// A whole list or all initial events, framed for the wire: made once for each state of a resource.
struct FramedList {
    let version: UInt64
    let bytes: [UInt8]
}

/// Which of them.
struct FramedListKey: Hashable {
    let resource: WatchedResource
    let form: WireForm
    let isWatch: Bool
}

extension ServerCore {
    private static let pieceBytes = 32 << 10

    func get(_ exchange: Exchange, _ resource: WatchedResource, _ form: WireForm) throws(APIServerStatus) {
        guard let target = exchange.request.target else { return }
        let path = target.namespace.isEmpty ? target.name : "\(target.namespace)/\(target.name)"
        guard let stored = store.objects(resource).first(where: { $0.path == path }) else { throw .notFound(target) }
        exchange.respond(
            ResponseHead(200, contentType: Negotiation.contentType(form, isWatch: false)),
            EventWriter(resource, form).single(stored))
    }

    func list(_ exchange: Exchange, _ resource: WatchedResource, _ form: WireForm) throws(APIServerStatus) {
        let filter = try ObjectFilter(exchange.request, resource)
        let options = try ListOptions(exchange.request, behaviour.streamingLists)
        if let wanted = options.version, wanted > store.version {
            let status = APIServerStatus.tooLarge(wanted, current: store.version)
            return later(exchange) { [weak self, weak exchange] in
                if let exchange { self?.refuse(exchange, status) }
            }
        }
        let head = ResponseHead(200, contentType: Negotiation.contentType(form, isWatch: false))
        if options.limit == 0, options.continuation == nil, options.match != .exact, filter.takesAll,
            exchange.isPlain
        {
            return respondWhole(exchange, head, resource, form)
        }
        let page = try page(resource, options, filter)
        var writer = ListWriter(resource: resource, form: form, version: page.version)
        if page.items.count < page.total {
            writer.remaining = page.total - page.items.count
            // An inconsistent list goes on from the version that it has now.
            writer.continueToken = ContinueToken(version: page.version, last: page.items.last?.path ?? "").text
        }
        exchange.respond(head, writer.bytes(page.items))
    }

    private struct Page {
        let items: [StoredObject]
        /// How many there are from the first item on.
        let total: Int
        let version: UInt64
    }

    private func page(
        _ resource: WatchedResource, _ options: ListOptions, _ filter: ObjectFilter
    ) throws(APIServerStatus) -> Page {
        var version = store.version
        var start = ""
        if let continuation = options.continuation {
            start = continuation.last
            version = continuation.version ?? store.version
            guard version >= store.floor else {
                throw .expiredContinue(ContinueToken(version: nil, last: continuation.last).text)
            }
        } else if options.match == .exact, let exact = options.version {
            version = exact
            guard version >= store.floor else { throw .exactTooOld }
        }
        let all = store.objects(resource, at: version).filter { filter.matches($0) && $0.path > start }
        let limit = options.limit == 0 ? all.count : options.limit
        return Page(items: Array(all.prefix(limit)), total: all.count, version: version)
    }

    /// Everything of a resource, from memory where nothing has changed.
    private func respondWhole(
        _ exchange: Exchange, _ head: ResponseHead, _ resource: WatchedResource, _ form: WireForm
    ) {
        let key = FramedListKey(resource: resource, form: form, isWatch: false)
        let framed = framed(key) {
            let body = ListWriter(resource: resource, form: form, version: store.version)
                .bytes(store.objects(resource))
            var writer = ByteWriter(capacity: body.count + 1_024)
            for start in stride(from: 0, to: body.count, by: Self.pieceBytes) {
                writer.append(Chunk(payload: Array(body[start..<min(start + Self.pieceBytes, body.count)])).framed)
            }
            return writer.bytes
        }
        exchange.begin(head)
        exchange.sendFramed(framed)
        exchange.end()
    }

    /// All objects as ADDED events.
    func framedInitialEvents(_ resource: WatchedResource, _ form: WireForm) -> [UInt8] {
        framed(FramedListKey(resource: resource, form: form, isWatch: true)) {
            EventWriter(resource, form).initialEvents(store.objects(resource))
        }
    }

    private func framed(_ key: FramedListKey, _ make: () -> [UInt8]) -> [UInt8] {
        if let known = framedLists[key], known.version == store.version { return known.bytes }
        let bytes = make()
        framedLists[key] = FramedList(version: store.version, bytes: bytes)
        return bytes
    }

    /// Does something once the server has waited for a version long enough.
    func later(_ exchange: Exchange, _ action: @escaping () -> Void) {
        exchange.wait(behaviour.futureVersionPatience, queue, action)
    }

    /// Makes what lists and watches begin with, before anybody asks.
    func warm(protobuf: Bool, json: Bool) {
        for resource in WatchedResource.allCases {
            if protobuf, resource.hasProtobuf { _ = framedInitialEvents(resource, .protobuf) }
            if json || !resource.hasProtobuf { _ = framedInitialEvents(resource, .json) }
        }
    }
}
