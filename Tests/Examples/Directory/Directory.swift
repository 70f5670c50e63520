import ClusterDirectory
import DNSMessage
import DNSResolver
import Glibc

/// Looks names of a cluster up without asking any server: addresses; services, which begin with an underscore; and the
/// names of addresses.
///
///     Directory cluster.yaml web.prod _http._tcp.web.prod 10.96.0.10
///     Directory --kubeconfig ~/.kube/config web.prod
@main
struct Directory {
    static func main() async {
        var words = CommandLine.arguments.dropFirst()
        guard words.count >= 2, let first = words.popFirst() else {
            puts("usage: Directory MANIFEST|--kubeconfig FILE NAME...")
            exit(2)
        }
        do {
            let isServer = first == "--kubeconfig"
            let path = isServer ? words.removeFirst() : first
            let directory = try await ClusterDirectory(isServer ? .kubeconfig(path) : .manifests(path))
            for name in words { await lookUp(name, in: directory) }
        } catch {
            puts("\(error)")
            exit(1)
        }
    }

    static func lookUp(_ name: String, in directory: ClusterDirectory) async {
        do {
            if let address = IPAddress(name) {
                for name in try await directory.names(of: address).values { puts("\(address) is \(name)") }
            } else if name.hasPrefix("_") {
                for target in try await directory.services(of: name).values {
                    let addresses = target.addresses.map(\.description).joined(separator: " ")
                    puts("\(name) is port \(target.port) of \(target.host) \(addresses)")
                }
            } else {
                let answers = try await directory.addresses(of: name)
                let addresses = answers.values.map(\.description).joined(separator: " ")
                puts("\(name) is \(answers.canonicalName) \(addresses), good for \(answers.timeToLive)")
            }
        } catch {
            // Tells a name that does not exist from one without addresses, and both from trouble.
            puts("\(error)")
        }
    }
}
