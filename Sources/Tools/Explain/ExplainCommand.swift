import ArgumentParser
import ClusterIndex
import DNSMessage
import Explanation

/// `clusterdns explain`: why a name resolves, or why it does not.
struct ExplainCommand: ParsableCommand {
    private static let failedExitCode: Int32 = 1
    private static let unknownExitCode: Int32 = 3

    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell why a name resolves in a cluster, or why it does not.",
        usage: "clusterdns explain NAME [--pod NS/POD | --namespace NS] [SOURCE] [OPTION...]",
        discussion: """
            Shows which names a pod asks for, who answers each, the object behind it, and
            what to do. An address in the place of the NAME is looked up backwards.

            The cluster is known from one SOURCE:
              --manifests PATH...   files or directories of objects, in YAML or JSON
              --server HOST[:PORT]  a running clusterdns, asked at its metrics port (9153),
                                    and at its DNS port (--dns, 53) to compare
              --kubeconfig FILE     the API server; without any SOURCE what KUBECONFIG or
                                    ~/.kube/config names, or that of the pod we are in

            Needs the right to list namespaces, services and endpointslices; reads the
            Corefile from the ConfigMap kube-system/coredns, and pods, where it may.

            Exit codes: 0 the name resolves; 1 it does not; 2 a wrong command line;
            3 it could not be found out.

            Examples:
              clusterdns explain web.shop --namespace default
              clusterdns explain db-0.db.data --manifests cluster.yaml
              clusterdns explain _http._tcp.web.shop --type SRV --server 10.96.0.10
            """)

    @Argument(help: ArgumentHelp("The name, as a program in the pod would look it up.", valueName: "name"))
    var name: String

    @Option(help: ArgumentHelp("The pod that asks, whose own DNS settings count.", valueName: "ns/pod"))
    var pod: String?

    @Option(
        name: [.long, .short],
        help: ArgumentHelp(
            "The namespace that a pod asks from; that of the kubeconfig's context, or default, otherwise.",
            valueName: "ns"))
    var namespace: String?

    @Option(help: ArgumentHelp("Where the query comes from; the Pod's address otherwise.", valueName: "address"))
    var client: String?

    @Option(
        name: [.long, .short], parsing: .singleValue,
        help: ArgumentHelp("A type of record, such as SRV; may be repeated. A and AAAA otherwise.", valueName: "type"))
    var type: [String] = []

    @Option(parsing: .upToNextOption, help: ArgumentHelp("Files or directories with objects.", valueName: "path"))
    var manifests: [String] = []

    @Option(help: ArgumentHelp("A running clusterdns.", valueName: "host[:port]"))
    var server: String?

    @Option(help: ArgumentHelp("Where its DNS is asked; port 53 of the host otherwise.", valueName: "address[:port]"))
    var dns: String?

    @Option(help: ArgumentHelp("How to reach the API server.", valueName: "file"))
    var kubeconfig: String?

    @Option(help: ArgumentHelp("The context of the kubeconfig.", valueName: "name"))
    var context: String?

    @Option(help: ArgumentHelp("The Corefile of the cluster's DNS; kubeadm's otherwise.", valueName: "file"))
    var conf: String?

    @Option(help: ArgumentHelp("Longest time to wait for the API server or the server.", valueName: "seconds"))
    var timeout = 15

    @Flag(help: "Do not ask the servers that names outside of the cluster are forwarded to.")
    var noUpstream = false

    @Flag(help: "One JSON object on one line, with stable keys.")
    var json = false

    func validate() throws {
        let sources = [!manifests.isEmpty, server != nil, kubeconfig != nil || context != nil].filter { $0 }
        guard sources.count < 2 else { throw ValidationError("Only one of --manifests, --server and --kubeconfig.") }
        guard pod == nil || namespace == nil else { throw ValidationError("Only one of --pod and --namespace.") }
        guard (1...600).contains(timeout) else { throw ValidationError("--timeout is 1 to 600 seconds.") }
        if server != nil, conf != nil { throw ValidationError("The server has a Corefile already; leave --conf out.") }
        if dns != nil, server == nil { throw ValidationError("--dns goes with --server.") }
        _ = try request()
    }

    func run() throws {
        let request = try request()
        let explanation: NameExplanation
        do throws(ExplainFailure) {
            var run = ExplainRun(request: request, options: self)
            explanation = try run.explanation()
        } catch {
            Terminal.write("clusterdns explain: \(error)", to: .error)
            throw ExitCode(Self.unknownExitCode)
        }
        Terminal.write(json ? explanation.json : String(explanation.text.dropLast()))
        switch explanation.verdict {
        case .resolves: return
        case .doesNotResolve: throw ExitCode(Self.failedExitCode)
        case .unknown: throw ExitCode(Self.unknownExitCode)
        }
    }

    private func request() throws(ValidationError) -> ExplainRequest {
        var request = ExplainRequest(name: name)
        for text in type {
            guard let type = RecordType(text.uppercased()) else { throw ValidationError("There is no type '\(text)'.") }
            request.types.append(type)
        }
        if let pod {
            let parts = pod.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                throw ValidationError("A pod is named with its namespace, as in --pod shop/web-1.")
            }
            request.pod = ObjectKey(namespace: parts[0], name: parts[1])
        }
        if let client {
            guard let address = IPAddress(client) else { throw ValidationError("'\(client)' is no address.") }
            request.client = address
        }
        request.namespace = request.pod?.namespace ?? namespace ?? "default"
        request.namesNamespace = request.pod != nil || namespace != nil
        return request
    }
}

/// What is to be explained.
struct ExplainRequest {
    var name: String
    var types: [RecordType] = []
    var pod: ObjectKey?
    /// Who asks, where the command line says so.
    var client: IPAddress?
    var namespace = "default"
    /// Whether the command line says so; a kubeconfig may otherwise.
    var namesNamespace = false
}

/// Why nothing can be explained, in a sentence without a final stop.
struct ExplainFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
