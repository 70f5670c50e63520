import DNSMessage
import Dispatch
import EventLoop
import Files
import Glibc
import HostFiles
import Synchronization

/// The state of a resolver.
final class ResolverCore: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: after `init` everything is touched on the queue of `entrance` only.
    let entrance = QueueEntrance(label: "clusterdns.resolver")
    var queue: DispatchQueue { entrance.queue }
    let desk: QuestionDesk
    private(set) var loop: EventLoop?
    private var orderDesk: OrderDesk?
    private let options: ResolverOptions
    private let services: ServiceVariables
    let familyGrace: UInt64
    private var configurationFile: PolledFile?
    private var hostsFile: PolledFile?
    private var hosts = HostsNames()
    private var list: ServerList?
    private var nextLook: UInt64 = 0
    private var turn = 0
    private var lookups: [ObjectIdentifier: Lookup] = [:]
    private var isClosed = false

    init(_ options: ResolverOptions) {
        self.options = options
        desk = QuestionDesk(options)
        familyGrace = options.familyGrace.nanoseconds
        services = ServiceVariables(value: options.variable)
        if case .file(let path) = options.configuration {
            configurationFile = PolledFile(path, bytesMax: ResolvConf.bytesMax)
        }
        hostsFile = options.hostsFile.map { PolledFile($0, bytesMax: Limits.hostsBytesMax) }
    }

    // MARK: Looking up

    /// Begins a look-up; `ticket` takes it back.
    func start(
        _ request: LookupRequest, _ ticket: LookupTicket,
        _ done: @escaping (LookupOutcome) -> Void
    ) {
        dispatchPrecondition(condition: .onQueue(queue))
        guard !isClosed else { return done(.failed(.closed)) }
        guard !ticket.isCancelled else { return done(.failed(.cancelled)) }
        lookAtFiles()
        if let known = localAnswer(request) { return done(known) }
        guard let list = serverList(), !list.servers.isEmpty else { return done(.failed(.unreachable(EMFILE))) }
        let types = request.types(list.configuration)
        guard !types.isEmpty else { return done(.failed(.noData)) }
        let candidates = SearchList(request.text, request.name, list.configuration)
        turn &+= 1
        let lookup = Lookup(self, list, candidates, types, turn: turn, done)
        lookups[ObjectIdentifier(lookup)] = lookup
        ticket.lookup = lookup
        lookup.advance()
    }

    /// What was found, with its addresses in the order in which they should be tried.
    func ordered(_ outcome: LookupOutcome, _ request: LookupRequest) -> LookupOutcome {
        guard case .addresses = request.kind, case .found(var found) = outcome else { return outcome }
        found.readAddresses { orderDesk?.sorted($0) ?? AddressOrder.sorted($0) }
        return .found(found)
    }

    func ended(_ lookup: Lookup) { lookups[ObjectIdentifier(lookup)] = nil }

    func cancel(_ ticket: LookupTicket) {
        dispatchPrecondition(condition: .onQueue(queue))
        ticket.isCancelled = true
        ticket.lookup?.end(.cancelled)
        ticket.lookup = nil
    }

    func close() {
        dispatchPrecondition(condition: .onQueue(queue))
        guard !isClosed else { return }
        isClosed = true
        desk.close()
        for lookup in Array(lookups.values) { lookup.end(.closed) }
        list = nil
        orderDesk = nil
        loop?.close()
    }

    // MARK: Files

    private func lookAtFiles() {
        let now = EventLoop.now
        guard now >= nextLook else { return }
        nextLook = now &+ Limits.fileInterval
        if case .content(let bytes, _)? = hostsFile?.look() { hosts = HostsNames(bytes) }
        if case .content(let bytes, _)? = configurationFile?.look() {
            list = newList(ResolverConfiguration(content: bytes, options.variable))
        }
    }

    /// The servers; what is under way with earlier ones ends there.
    private func serverList() -> ServerList? {
        if let list { return list }
        if case .fixed(let configuration) = options.configuration {
            list = newList(configuration)
        } else {
            list = newList(ResolverConfiguration(content: [], options.variable))
        }
        return list
    }

    private func newList(_ configuration: ResolverConfiguration) -> ServerList? {
        if loop == nil {
            loop = EventLoop(entrance)
            orderDesk = loop.map { OrderDesk($0) }
        }
        return loop.map { ServerList(configuration, mixesCase: options.mixesCase, loop: $0) }
    }

    /// The configuration in force.
    var configuration: ResolverConfiguration {
        dispatchPrecondition(condition: .onQueue(queue))
        lookAtFiles()
        return serverList()?.configuration ?? ResolverConfiguration()
    }

    // MARK: Without a server

    /// What files, variables and the name itself say, in this order; nil if servers must be asked.
    private func localAnswer(_ request: LookupRequest) -> LookupOutcome? {
        switch request.kind {
        case .addresses(let families): localAddresses(request, families)
        case .names(let address): hostNames(address, request.name)
        case .services: localService(request)
        case .records: nil
        }
    }

    private func localAddresses(
        _ request: LookupRequest, _ families: AddressFamilies
    ) -> LookupOutcome? {
        let entries = hosts.entries(of: request.name, families)
        if let first = entries.first {
            let data = entries.map { RecordData($0.address) }
            let finding = Finding.local(
                data, owner: first.canonicalName, timeToLive: Limits.hostsTimeToLive, .hosts)
            return .found(Found([finding]))
        }
        if options.usesServiceVariables, !SearchList.isAbsolute(request.text),
            let address = services.address(of: request.name)
        {
            return variables([address], request.name, families)
        }
        switch SpecialName(request.name) {
        case .localhost?: return literal(SpecialName.loopback, request.name, families, .literal)
        case .invalid?: return .failed(.nameError)
        case nil: return nil
        }
    }

    private func variables(
        _ addresses: [IPAddress], _ name: Name, _ families: AddressFamilies
    ) -> LookupOutcome { literal(addresses, name, families, .environment) }

    private func literal(
        _ addresses: [IPAddress], _ name: Name, _ families: AddressFamilies, _ source: AnswerSource
    ) -> LookupOutcome {
        let data = addresses.filter { families.contains($0.family == .v4 ? .v4 : .v6) }.map { RecordData($0) }
        guard !data.isEmpty else { return .failed(.noData) }
        return .found(Found([.local(data, owner: name, timeToLive: Limits.timeToLiveMax, source)]))
    }

    private func hostNames(_ address: IPAddress, _ name: Name) -> LookupOutcome? {
        let names = hosts.names(of: address)
        guard !names.isEmpty else { return nil }
        let records = names.map { RecordData.ptr($0) }
        return .found(Found([.local(records, owner: name, timeToLive: Limits.hostsTimeToLive, .hosts)]))
    }

    private func localService(_ request: LookupRequest) -> LookupOutcome? {
        guard options.usesServiceVariables, !SearchList.isAbsolute(request.text),
            let service = services.service(request.name)
        else { return nil }
        let target = RecordData.srv(priority: 0, weight: 0, port: service.port, target: service.host)
        var finding = Finding.local([target], owner: request.name, timeToLive: Limits.timeToLiveMax, .environment)
        if case .records(let records, let owner, _) = finding.outcome {
            let host = Record(service.host, ttl: Limits.timeToLiveMax, RecordData(service.address))
            finding.outcome = .records(records, owner: owner, additional: [host])
        }
        return .found(Found([finding]))
    }
}

extension RecordData {
    /// A or AAAA.
    init(_ address: IPAddress) { self = address.family == .v4 ? .a(address) : .aaaa(address) }
}

/// Takes a look-up back. On the resolver's queue.
final class LookupTicket: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: touched on the resolver's queue only.
    var isCancelled = false
    weak var lookup: Lookup?
}

/// What is looked up.
struct LookupRequest: Sendable {
    enum Kind: Sendable {
        case addresses(AddressFamilies)
        case services
        case names(IPAddress)
        case records(RecordType)
    }

    /// As the caller wrote it.
    let text: String
    let name: Name
    let kind: Kind

    func types(_ configuration: ResolverConfiguration) -> [RecordType] {
        switch kind {
        case .addresses(let families):
            (families.contains(.v4) ? [.a] : [])
                + (families.contains(.v6) && !configuration.omitsAAAA ? [.aaaa] : [])
        case .services: [.srv]
        case .names: [.ptr]
        case .records(let type): [type]
        }
    }
}
