public import DNSMessage
import Dispatch

/// Looks names up as the C library does, without blocking a thread: hosts file, search list, servers of `resolv.conf`.
///
/// ```swift
/// let resolver = Resolver()
/// let web = try await resolver.addresses(of: "web.shop")
/// for address in web.values { print(address) }
/// let peers = try await resolver.services(of: "_grpc._tcp.peers.shop.svc.cluster.local.")
/// if let first = peers.values.first { print(first.host, first.port, first.addresses) }
/// ```
///
/// One is enough for a program: equal questions asked at once are one, and sockets are shared. A name that ends with a
/// dot is absolute. Sources of addresses, first to last: the name itself where it is an address; the hosts file;
/// variables of the kubelet, if wanted; `localhost` and `invalid` (RFC 6761); the cache, if wanted; the servers. A task
/// that is cancelled takes its questions back at once.
public final class Resolver: NameLookup, Sendable {
    let core: ResolverCore

    /// One for the files of the system, unless the options say something else. Nothing is opened before it is needed.
    public init(_ options: ResolverOptions = ResolverOptions()) { core = ResolverCore(options) }

    deinit { close() }

    /// Ends what is under way and everything after it with `LookupError.Reason.closed`, and lets go of all sockets.
    public func close() { core.entrance.run { [core] in core.close() } }

    /// The configuration in force, with what of the file was passed over.
    public var configuration: ResolverConfiguration {
        get async {
            await withCheckedContinuation { continuation in
                core.entrance.run { [core] in continuation.resume(returning: core.configuration) }
            }
        }
    }

    // MARK: NameLookup

    /// The addresses of a host, of all families at once: those of one name of the search list, though one of the
    /// families may be missing there. An address is its own answer; in a form that only `getaddrinfo` takes it is
    /// `badAddress`.
    public func addresses(
        of host: String, _ families: AddressFamilies
    ) async throws(LookupError) -> Answers<IPAddress> {
        if let address = try WrittenAddress.address(host) { return try literal(address, host, families) }
        let request = LookupRequest(text: host, name: try name(host), kind: .addresses(families))
        let found = try await found(request)
        return try found.answers(found.addresses, of: host)
    }

    private func literal(
        _ address: IPAddress, _ host: String, _ families: AddressFamilies
    ) throws(LookupError) -> Answers<IPAddress> {
        guard families.contains(address.family == .v4 ? .v4 : .v6) else { throw LookupError(host, .noData) }
        return Answers(
            [address], canonicalName: try name(host), timeToLive: .seconds(Limits.timeToLiveMax), source: .literal)
    }

    /// The targets of a service with their addresses. A service that is not to be had (RFC 2782: target `.`) is
    /// `noData`.
    public func services(of name: String) async throws(LookupError) -> Answers<ServiceTarget> {
        let request = LookupRequest(text: name, name: try self.name(name), kind: .services)
        let found = try await found(request)
        let targets = found.records.compactMap { ServiceTarget($0, found.additional) }
        guard targets.contains(where: { $0.host != .root }) else { throw LookupError(name, .noData) }
        let ordered = ServiceOrder.sorted(targets)
        return try found.answers(await withAddresses(ordered), of: name)
    }

    /// Looks up what did not come along.
    private func withAddresses(_ targets: [ServiceTarget]) async -> [ServiceTarget] {
        let bare = Array(targets.filter { $0.addresses.isEmpty }.map(\.host).unique.prefix(Limits.serviceTargetsMax))
        guard !bare.isEmpty else { return targets }
        let found = await withTaskGroup(of: (Name, [IPAddress]).self) { group in
            for host in bare {
                group.addTask { (host, (try? await self.addresses(of: "\(host)"))?.values ?? []) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        return targets.map { target in
            var target = target
            if target.addresses.isEmpty { target.addresses = found[target.host] ?? [] }
            return target
        }
    }

    /// The names of an address: those of the hosts file, or else PTR records.
    public func names(of address: IPAddress) async throws(LookupError) -> Answers<Name> {
        let address = address.unmapped
        let request = LookupRequest(
            text: "\(ReverseName.name(of: address))", name: ReverseName.name(of: address), kind: .names(address))
        let found = try await found(request, shown: "\(address)")
        let names = found.records.compactMap { record in
            if case .ptr(let name) = record.data { name } else { nil }
        }
        return try found.answers(names, of: "\(address)")
    }

    /// The TXT records of a name.
    public func texts(of name: String) async throws(LookupError) -> Answers<Text> {
        let found = try await found(name, .txt)
        let texts = found.records.compactMap { record in
            if case .txt(let strings) = record.data { Text(strings) } else { nil }
        }
        return try found.answers(texts, of: name)
    }

    /// Records of any type, at the end of the aliases that led to them. Only servers are asked, not the hosts file.
    public func records(of name: String, _ type: RecordType) async throws(LookupError) -> Answers<Record> {
        let found = try await found(name, type)
        return try found.answers(found.records, of: name)
    }

    // MARK: On the queue

    private func name(_ text: String) throws(LookupError) -> Name {
        do throws(NameError) {
            return try Name(text)
        } catch { throw LookupError(text, .badName(error)) }
    }

    private func found(_ name: String, _ type: RecordType) async throws(LookupError) -> Found {
        try await found(LookupRequest(text: name, name: try self.name(name), kind: .records(type)))
    }

    private func found(_ request: LookupRequest, shown: String? = nil) async throws(LookupError) -> Found {
        let ticket = LookupTicket()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                core.entrance.run { [core] in
                    core.start(request, ticket) { continuation.resume(returning: core.ordered($0, request)) }
                }
            }
        } onCancel: {
            core.entrance.run { [core] in core.cancel(ticket) }
        }
        switch result {
        case .found(let found): return found
        case .failed(let reason): throw LookupError(shown ?? request.text, reason)
        }
    }
}
