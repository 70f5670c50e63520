import DNSMessage
import DNSResolver

/// DNSResolver as one of the clients of `Tests/SideBySide/run`, which tells what they read and write.
@main struct SideBySideClient {
    static func main() async {
        let words = Array(CommandLine.arguments.dropFirst())
        let resolver = Resolver()
        switch words.first {
        case "answers"?:
            while let line = readLine() { print("\(line): \(await answer(line, resolver))") }
        case "speed"? where words.count == 4:
            await measure(Int(words[1]) ?? 0, Int(words[2]) ?? 0, words[3], resolver)
        default: print("SideBySideClient answers | speed COUNT PARALLEL SUFFIX")
        }
    }

    private static func answer(_ line: String, _ resolver: Resolver) async -> String {
        let words = line.split(separator: " ").map(String.init)
        guard words.count == 2 else { return "?" }
        do throws(LookupError) {
            return try await values(words[0], words[1], resolver).sorted().joined(separator: " ")
        } catch {
            switch error.reason {
            case .nameError: return "NXDOMAIN"
            case .noData: return "NODATA"
            default: return "failure"
            }
        }
    }

    private static func values(
        _ kind: String, _ name: String, _ resolver: Resolver
    ) async throws(LookupError) -> [String] {
        switch kind {
        case "services":
            return try await resolver.services(of: name).values.map {
                "\($0.priority)/\($0.weight)/\($0.port)/\(text($0.host))"
            }
        case "texts": return try await resolver.texts(of: name).values.map(\.joined)
        case "names":
            guard let address = IPAddress(name) else { return [] }
            return try await resolver.names(of: address).values.prefix(1).map(text)
        default: return try await resolver.addresses(of: name).values.map(\.description)
        }
    }

    /// As the C libraries write names.
    private static func text(_ name: Name) -> String { String("\(name)".dropLast()) }

    // MARK: Speed

    private static func measure(_ count: Int, _ parallel: Int, _ suffix: String, _ resolver: Resolver) async {
        let clock = ContinuousClock()
        var failed = 0
        let time = await clock.measure {
            failed = await withTaskGroup(of: Int.self) { group in
                for worker in 0..<parallel {
                    group.addTask { await lookUp(worker, count, parallel, suffix, resolver) }
                }
                return await group.reduce(0, +)
            }
        }
        let (seconds, attoseconds) = time.components
        print("\(count) \(failed) \(Double(seconds) + Double(attoseconds) / 1e18)")
    }

    private static func lookUp(
        _ worker: Int, _ count: Int, _ parallel: Int, _ suffix: String, _ resolver: Resolver
    ) async -> Int {
        var failed = 0
        for number in stride(from: worker, to: count, by: parallel)
        where (try? await resolver.addresses(of: "n\(number).\(suffix)"))?.values.count != 2 {
            failed += 1
        }
        return failed
    }
}
