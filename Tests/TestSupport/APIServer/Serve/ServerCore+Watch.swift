import KubernetesWatch

extension ServerCore {
    func watchHead(_ form: WireForm) -> ResponseHead {
        ResponseHead(200, contentType: Negotiation.contentType(form, isWatch: true))
    }

    func watch(_ exchange: Exchange, _ resource: WatchedResource, _ form: WireForm) throws(APIServerStatus) {
        let filter = try ObjectFilter(exchange.request, resource)
        let options = try ListOptions(exchange.request, behaviour.streamingLists)
        let wanted = options.version ?? 0
        let isFromNothing = options.sendsInitialEvents || wanted == 0
        let stream = WatchStream(
            EventWriter(resource, form), filter, from: isFromNothing ? store.version : wanted,
            allowsBookmarks: options.allowsBookmarks)
        exchange.watch = stream
        exchange.begin(watchHead(form))
        if isFromNothing {
            guard wanted <= store.version else {
                let status = APIServerStatus.tooLarge(wanted, current: store.version)
                return later(exchange) { [weak exchange] in exchange?.strike(.error(status)) }
            }
            sendInitialEvents(exchange, stream)
            if options.sendsInitialEvents { bookmark(exchange, endsInitialEvents: true) }
        } else if wanted < store.floor {
            return exchange.strike(.error(.tooOld(wanted, floor: store.floor)))
        } else {
            for change in store.changes(of: resource, after: wanted) { tell(change, exchange, stream) }
        }
        follow(exchange, stream, options)
    }

    private func sendInitialEvents(_ exchange: Exchange, _ stream: WatchStream) {
        let (resource, form) = (stream.writer.resource, stream.writer.form)
        if exchange.isPlain, stream.filter.takesAll {
            return exchange.sendFramed(framedInitialEvents(resource, form))
        }
        for object in store.objects(resource) where stream.filter.matches(object) {
            guard !exchange.isOver else { return }
            exchange.send(stream.writer.chunk(.added, object))
        }
    }

    private func tell(_ change: StoreChange, _ exchange: Exchange, _ stream: WatchStream) {
        guard let (type, object) = stream.event(change) else { return }
        exchange.send(stream.writer.chunk(type, object))
    }

    /// From now on the watch hears of changes, until its time is over.
    private func follow(_ exchange: Exchange, _ stream: WatchStream, _ options: ListOptions) {
        guard !exchange.isOver else { return }
        let resource = stream.writer.resource
        watches[resource, default: []].append(exchange)
        stream.start(
            queue, bookmarksEvery: behaviour.bookmarkInterval, endsAfter: options.timeout ?? behaviour.watchDuration
        ) { [weak self, weak exchange] in
            if let exchange { self?.bookmark(exchange) }
        } end: { [weak exchange] in
            exchange?.end()
        } ended: { [weak self, weak exchange] in
            self?.watches[resource]?.removeAll { $0 === exchange }
        }
    }
}
