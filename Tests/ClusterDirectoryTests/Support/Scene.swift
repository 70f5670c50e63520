import ClusterDirectory
import ClusterIndex
import DNSMessage
import DNSResolver
import KubernetesWatch
import TestSupport

/// A directory that watches an API server of the test.
struct Scene {
    let api: APIServer
    let files: TemporaryDirectory
    /// Where the kubeconfig is.
    var kubeconfig: String { "\(files.path)/kubeconfig" }
    var source: DirectorySource { .kubeconfig(kubeconfig) }

    /// An API server with these objects.
    init(_ objects: [ClusterObject] = Sample.shop, _ behaviour: APIServer.Behaviour = APIServer.Behaviour()) throws {
        api = try APIServer(behaviour)
        api.apply(objects)
        files = try TemporaryDirectory()
        let text = """
            apiVersion: v1
            kind: Config
            current-context: test
            contexts: [{name: test, context: {cluster: test, namespace: shop}}]
            clusters: [{name: test, cluster: {server: '\(api.url)'}}]
            """
        try files.write(text.utf8, to: "kubeconfig")
    }

    /// In sync; machines may be slow.
    func directory(_ options: DirectoryOptions = DirectoryOptions()) async throws -> ClusterDirectory {
        try await ClusterDirectory(source, options: options, timeout: .seconds(60))
    }
}

extension DirectoryOptions {
    /// The defaults in a namespace.
    init(namespace: String) {
        self.init()
        self.namespace = namespace
    }
}

/// A directory that waits for nothing.
func start(_ source: DirectorySource, _ options: DirectoryOptions = DirectoryOptions()) throws -> ClusterDirectory {
    try ClusterDirectory(starting: source, options: options)
}

extension EndpointSet {
    /// `10.0.0.1:80 10.0.0.2:80`, `none`, or `no service`.
    var text: String {
        guard serviceExists else { return "no service" }
        return endpoints.isEmpty ? "none" : endpoints.map { "\($0.address)" }.joined(separator: " ")
    }
}

extension NameLookup {
    /// What a look-up comes to, as text: `web A` gives the addresses, `web SRV` the targets, `10.0.0.1 PTR` the
    /// names, `web TXT` the texts; `web RECORD-A` and all other types the records. With the owner and the TTL in
    /// seconds in front; the reason where nothing is found.
    func outcome(_ question: String) async -> String {
        let words = question.split(separator: " ").map(String.init)
        do throws(LookupError) {
            switch words[1] {
            case "ADDRESSES": return text(try await addresses(of: words[0]), isOrdered: false) { "\($0)" }
            case "A": return text(try await addresses(of: words[0], .v4), isOrdered: false) { "\($0)" }
            case "AAAA": return text(try await addresses(of: words[0], .v6)) { "\($0)" }
            case "SRV": return text(try await services(of: words[0])) { Self.text($0) }
            case "PTR": return text(try await names(of: IPAddress(words[0]) ?? IPAddress(v4: 0))) { "\($0)" }
            case "TXT": return text(try await texts(of: words[0])) { $0.joined }
            default:
                let type = RecordType(words[1].replacing("RECORD-", with: "")) ?? .any
                return text(try await records(of: words[0], type)) { GoldenAnswer.text($0) }
            }
        } catch {
            return "\(error.reason)"
        }
    }

    private func text<Value>(
        _ answers: Answers<Value>, isOrdered: Bool = true, _ write: (Value) -> String
    ) -> String {
        let texts = answers.values.map(write)
        return "\(answers.canonicalName) \(answers.timeToLive / .seconds(1)): "
            + (isOrdered ? texts : texts.sorted()).joined(separator: ", ")
    }

    private static func text(_ target: ServiceTarget) -> String {
        "\(target.host):\(target.port) \(target.addresses.map(\.description).sorted().joined(separator: " "))"
    }
}

/// The names that a test says there are, `name.` to addresses; remembers what it was asked.
final class ScriptedLookup: NameLookup {
    private let hosts: [String: [String]]
    private let asked = AskedNames()

    init(_ hosts: [String: [String]]) { self.hosts = hosts }

    /// What it was asked so far, each name once.
    var questions: Set<String> { asked.names }

    func addresses(of host: String, _ families: AddressFamilies) async throws(LookupError) -> Answers<IPAddress> {
        let addresses = try find(host).compactMap { IPAddress($0) }
            .filter { families.contains($0.family == .v4 ? .v4 : .v6) }
        guard !addresses.isEmpty else { throw LookupError(host, .noData) }
        return answers(addresses, host)
    }

    func services(of name: String) async throws(LookupError) -> Answers<ServiceTarget> {
        _ = try find(name)
        throw LookupError(name, .noData)
    }

    func names(of address: IPAddress) async throws(LookupError) -> Answers<Name> {
        answers(try find(address.description).compactMap { try? Name($0) }, address.description)
    }

    func texts(of name: String) async throws(LookupError) -> Answers<Text> {
        answers(try find(name).map { Text([Array($0.utf8)]) }, name)
    }

    func records(of name: String, _ type: RecordType) async throws(LookupError) -> Answers<Record> {
        let addresses = try await addresses(of: name, type == .a ? .v4 : .v6)
        let owner = addresses.canonicalName
        return answers(
            addresses.values.map { Record(owner, ttl: 3, $0.family == .v4 ? .a($0) : .aaaa($0)) }, name)
    }

    private func find(_ name: String) throws(LookupError) -> [String] {
        asked.add(name)
        guard let found = hosts[name] else { throw LookupError(name, .nameError) }
        guard found != ["time-out"] else { throw LookupError(name, .timedOut) }
        return found
    }

    private func answers<Value>(_ values: [Value], _ name: String) -> Answers<Value> {
        let owner = (try? Name(name)) ?? .root
        return Answers(values, canonicalName: owner, timeToLive: .seconds(3), source: .cache)
    }
}
