import ClusterIndex

/// Who hears of which service. Belongs to the queue of a feed.
struct EndpointTopics {
    /// Who hears of one port, and what they were told last; nil for nothing yet.
    private struct Audience {
        var told: EndpointNews?
        var mailboxes: [UInt64: Mailbox<EndpointNews>] = [:]

        mutating func add(
            _ mailbox: Mailbox<EndpointNews>, _ id: UInt64, _ topic: EndpointTopic, _ index: ClusterIndex?
        ) {
            if let index, told == nil { told = EndpointNews(EndpointSet(of: topic, in: index)) }
            mailboxes[id] = mailbox
            if let told { mailbox.put(told) }
        }
    }

    /// By namespace, service and port: the cost of a change is that of the audience it has.
    private var audiences: [String: [String: [PortChoice: Audience]]] = [:]
    private var touched: Set<ObjectKey> = []

    /// Whether nobody wants to hear of anything.
    var isEmpty: Bool { audiences.isEmpty }

    // MARK: Who hears

    /// One more subscriber; is told at once what others know, or nothing as long as nobody knows anything.
    mutating func add(_ mailbox: Mailbox<EndpointNews>, _ id: UInt64, to topic: EndpointTopic, in index: ClusterIndex?)
    {
        // In place: an audience may be large.
        audiences[topic.service.namespace, default: [:]][topic.service.name, default: [:]][
            topic.port, default: Audience()
        ].add(mailbox, id, topic, index)
    }

    /// One subscriber less.
    mutating func remove(_ id: UInt64, from topic: EndpointTopic) {
        let (namespace, name) = (topic.service.namespace, topic.service.name)
        audiences[namespace]?[name]?[topic.port]?.mailboxes[id] = nil
        if audiences[namespace]?[name]?[topic.port]?.mailboxes.isEmpty == true {
            audiences[namespace]?[name]?[topic.port] = nil
        }
        if audiences[namespace]?[name]?.isEmpty == true { audiences[namespace]?[name] = nil }
        if audiences[namespace]?.isEmpty == true { audiences[namespace] = nil }
    }

    /// Nobody hears anything more.
    mutating func endAll() {
        for audience in audiences.values.flatMap(\.values).flatMap(\.values) {
            for mailbox in audience.mailboxes.values { mailbox.end() }
        }
        audiences = [:]
        touched = []
    }

    // MARK: What changes

    /// Something of a service may have changed.
    mutating func touch(_ service: ObjectKey) {
        guard !isEmpty else { return }
        let service = service.folded
        if audiences[service.namespace]?[service.name] != nil { touched.insert(service) }
    }

    /// Something of everything in a namespace may have changed.
    mutating func touch(namespace: String) {
        guard !isEmpty else { return }
        let namespace = ObjectKey(name: namespace).folded.name
        for name in audiences[namespace, default: [:]].keys {
            touched.insert(ObjectKey(namespace: namespace, name: name))
        }
    }

    /// Everything may have changed.
    mutating func touchAll() {
        for namespace in audiences.keys { touch(namespace: namespace) }
    }

    /// Tells whoever wants to hear of it what has become of all that was touched.
    mutating func tell(_ index: ClusterIndex) {
        for service in touched { tell(service, index) }
        touched = []
    }

    private mutating func tell(_ service: ObjectKey, _ index: ClusterIndex) {
        guard let ports = audiences[service.namespace]?[service.name] else { return }
        for (port, audience) in ports {
            let news = EndpointNews(EndpointSet(of: EndpointTopic(service, port), in: index))
            guard news != audience.told else { continue }
            audiences[service.namespace]?[service.name]?[port]?.told = news
            for mailbox in audience.mailboxes.values { mailbox.put(news) }
        }
    }
}
