import ClusterIndex
import Explanation
import Glibc
import HTTPClient
import KubernetesWatch
import YAML

/// A cluster by its API server: lists once what answers are made from, and looks up single objects.
struct APISource {
    private static let coredns = "/api/v1/namespaces/kube-system/configmaps/coredns"
    /// Pods read of a namespace.
    private static let podsMax = 500
    /// Services looked up one by one.
    private static let subjectsMax = 8

    private let connection: APIConnection
    private let requests: APIRequests
    private let seconds: Int

    init(_ options: ExplainCommand) throws(ExplainFailure) {
        seconds = options.timeout
        do throws(ConnectionError) {
            connection = try Self.connection(options)
        } catch {
            throw ExplainFailure(error.mistakes.joined(separator: "; "))
        }
        requests = APIRequests(connection, seconds: options.timeout)
    }

    /// The files that kubectl would read; none where the cluster is that of the pod we are in. Of those in KUBECONFIG
    /// the ones that are not there do not count, unless none is.
    private static func kubeconfigs(_ options: ExplainCommand) -> [String] {
        if let path = options.kubeconfig { return [path] }
        let listed = APIConnection.variable("KUBECONFIG")?.split(separator: ":").map(String.init) ?? []
        let home = APIConnection.variable("HOME").map { ["\($0)/.kube/config"] } ?? []
        let found = (listed.isEmpty ? home : listed).filter { access($0, F_OK) == 0 }
        return found.isEmpty ? Array(listed.prefix(1)) : found
    }

    private static func connection(_ options: ExplainCommand) throws(ConnectionError) -> APIConnection {
        let paths = kubeconfigs(options)
        return paths.isEmpty ? try .inCluster() : try .kubeconfig(merging: paths, context: options.context)
    }

    /// The namespace of whoever asks: that of the kubeconfig's context, or of the pod we are in.
    static func namespace(_ options: ExplainCommand) -> String? {
        let paths = kubeconfigs(options)
        return paths.isEmpty
            ? APIConnection.inClusterNamespace()
            : APIConnection.namespace(ofKubeconfigs: paths, context: options.context)
    }

    /// `given` stands in for the Corefile of the cluster.
    func read(
        _ request: ExplainRequest, given: (text: String, name: String)?
    ) throws(ExplainFailure) -> ExplainRun.Source {
        Terminal.write("Reading the cluster from \(connection.server) ...", to: .error)
        var source = ExplainRun.Source(facts: ObjectFacts())
        source.lines = ["API server: \(connection.server)"]
        if let pod = request.pod { source.pod = try podDetails(pod) }
        source.corefile = given
        if given == nil { readCorefile(into: &source) }
        let wanted = ExplainRun.resources(for: request.name, ExplainRun.routes(of: source.corefile))
        let objects = try ClusterReading(connection, wanted).read(seconds: seconds)
        for object in objects { source.facts.add(object) }
        return source
    }

    private func podDetails(_ pod: ObjectKey) throws(ExplainFailure) -> PodDetails {
        let path = "/api/v1/namespaces/\(pod.namespace)/pods/\(pod.name)"
        switch requests.get(path) {
        case .success(let object):
            guard let details = try? PodDetails(object) else {
                throw ExplainFailure("the Pod \(pod) cannot be read as the API server sends it")
            }
            return details
        case .failure(let failure):
            throw ExplainFailure("the Pod \(pod) cannot be read: \(failure)")
        }
    }

    private func readCorefile(into source: inout ExplainRun.Source) {
        switch requests.get(Self.coredns) {
        case .success(let object):
            if let text = try? object.member("data")?.string(of: "Corefile"), !text.isEmpty {
                source.corefile = (text, "ConfigMap kube-system/coredns")
                return
            }
            source.notes.append("The ConfigMap kube-system/coredns has no Corefile; kubeadm's is assumed.")
        case .failure(let failure):
            source.notes.append(
                "The Corefile could not be read from the ConfigMap kube-system/coredns (\(failure)); kubeadm's is "
                    + "assumed. --conf gives another one.")
        }
    }

    /// Selectors of Services and the Pods beside them; what may not be read is left out.
    func addDetails(to facts: inout ObjectFacts, of subjects: [ObjectKey]) {
        for key in subjects.prefix(Self.subjectsMax) where facts.hasService(key) {
            let path = "/api/v1/namespaces/\(key.namespace)/services/\(key.name)"
            if case .success(let object) = requests.get(path), let details = try? ServiceDetails(object) {
                facts.add(details)
            }
        }
        for namespace in Set(subjects.prefix(Self.subjectsMax).map(\.namespace)).sorted() {
            let path = "/api/v1/namespaces/\(namespace)/pods?limit=\(Self.podsMax)"
            guard case .success(let list) = requests.get(path), let items = try? list.elements(of: "items") else {
                continue
            }
            facts.notePods(in: namespace)
            for item in items {
                if let pod = try? PodDetails(item, isItem: true) { facts.add(pod) }
            }
        }
    }
}
