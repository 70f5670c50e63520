import ClusterDirectory
import ClusterIndex
import Glibc

/// Prints the endpoints of a service whenever they change, and picks one of them at random, as a client does that
/// balances its load by itself.
///
///     WatchEndpoints in-cluster prod web http
///     WatchEndpoints ~/.kube/config prod web http
@main
struct WatchEndpoints {
    static func main() async {
        let words = CommandLine.arguments
        guard words.count == 5 else {
            say("usage: WatchEndpoints in-cluster|KUBECONFIG NAMESPACE SERVICE PORT")
            exit(2)
        }
        do {
            try await watch(words[1], words[2], words[3], words[4])
        } catch {
            say("\(error)")
            exit(1)
        }
    }

    static func watch(_ source: String, _ namespace: String, _ service: String, _ port: String) async throws {
        // In sync when it returns; otherwise the error says what to do.
        let directory = try await ClusterDirectory(source == "in-cluster" ? .inCluster : .kubeconfig(source))
        defer { directory.close() }

        // The endpoints of now come first, then every change. While the API server is away nothing comes, and the last
        // set is still the best there is.
        for await set in directory.endpoints(of: service, in: namespace, port: .named(port)) {
            guard set.serviceExists else {
                say("there is no service \(namespace)/\(service)")
                continue
            }
            say("\(set.endpoints.count) ready: " + set.endpoints.map { "\($0.address)" }.joined(separator: " "))

            // A client would connect there, and pick again for the next request.
            if let pick = set.endpoints.randomElement() { say("picked \(pick.address)") }
        }
    }

    /// A line that is seen at once, even through a pipe.
    static func say(_ line: String) {
        puts(line)
        fflush(nil)
    }
}
