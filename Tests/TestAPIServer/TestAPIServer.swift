import ArgumentParser
import Glibc
import KubernetesWatch
import TestSupport

/// The API server of the tests as a program, for benchmarks and for trying things by hand.
///
/// It fills itself with a made-up cluster, prints one line of JSON when it is ready, and then does what it reads from
/// standard input, a command a line; each answers with a line of JSON. It ends at `quit`, and when its input ends.
@main
struct TestAPIServer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "TestAPIServer",
        abstract: "A Kubernetes API server with a made-up cluster, for benchmarks and trials.",
        discussion: """
            Prints {"ready":true,"url":…} once clients may come, then reads commands:

              churn RATE COUNT [EVERY]
                  so many endpoint changes, so many a second, in the background;
                  RATE 0: as fast as clients read. Prints each EVERYth, and the end
              touch [NAMESPACE/SLICE]
                  one endpoint change. Prints the name that has the new address,
                  and "ns": CLOCK_MONOTONIC right before the event was written
              service NAMESPACE/NAME ADDRESS
                  makes or changes a Service, and its namespace
              delete NAMESPACE/NAME
                  deletes a Service
              renew       every Service and endpoint gets another address
              bookmark    sends a bookmark to every watch
              compact     older versions are gone (410)
              relist      cuts all watches, and none can resume
              restart [SECONDS]
                  gone as if killed, and back after so long (default: 1)
              down, up    gone, and back when you say so
              hang, heal  the open watches fall silent, and go on
              stats       version, connections, watches, requests
              quit        the end of the input does the same

            Endpoints that change are none that Tests/Benchmarks asks for.
            """)

    private static let countMax = 10_000_000

    @Option(help: "Services of the cluster.") var services = 100
    @Option(help: "Endpoints, counted over all slices.") var endpoints = 1_000
    @Option(help: "Pods, those behind the first endpoints.") var pods = 0
    @Flag(help: "Full slices of 100 endpoints, not the cluster of Tests/Benchmarks.") var wide = false
    @Option(help: "Port on 127.0.0.1; 0 takes any.") var port: UInt16 = 0
    @Flag(help: "Starts nginx in front, with TLS, HTTP/2 and client certificates.") var tls = false
    @Option(help: "Where to write kubeconfig, ca.crt, client.crt, client.key and token (default: nowhere).")
    var directory: String?
    @Option(help: "Endpoint changes a second from the start.") var eventsPerSecond = 0
    @Option(help: "Seconds that these changes go on.") var duration = 60
    @Option(help: "Seconds between bookmarks.") var bookmarks = 60
    @Flag(help: "Knows no protobuf.") var jsonOnly = false
    @Flag(help: "Knows no streaming lists.") var oldServer = false

    func validate() throws {
        guard (0...Self.countMax).contains(services), (0...Self.countMax).contains(endpoints) else {
            throw ValidationError("services and endpoints are numbers up to \(Self.countMax)")
        }
        if services == 0, endpoints > 0 { throw ValidationError("endpoints need services") }
        if !wide, endpoints < 2 * services {
            throw ValidationError("\(services) services need at least \(2 * services) endpoints, or --wide")
        }
        if wide, endpoints > services * 100 {
            throw ValidationError("a wide cluster has at most 100 endpoints a service")
        }
    }

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        let input = CommandInput()
        var behaviour = APIServer.Behaviour()
        behaviour.offersProtobuf = !jsonOnly
        behaviour.streamingLists = oldServer ? .switchedOff : .offered
        behaviour.bookmarkInterval = .seconds(bookmarks)
        let server = try APIServer(behaviour, port: port)
        let cluster = GeneratedCluster(services: services, endpoints: endpoints, shape: wide ? .wide : .usual)
        server.apply(cluster.objects + cluster.pods(pods))
        server.compact()
        server.warm(protobuf: !jsonOnly, json: jsonOnly)
        let front = try tls ? TLSFront(backendPort: server.port, clientCertificates: .optional) : nil
        let session = Session(server, cluster, front)
        if let directory { try session.writeFiles(to: directory) }
        session.tellReady(directory)
        if eventsPerSecond > 0 { session.churn(eventsPerSecond, eventsPerSecond * duration, every: 0) }
        while let words = input.next() {
            if session.obey(words) == .quit { break }
        }
        session.end()
    }
}
