import ArgumentParser
import Glibc
import PluginKit
import Plugins
import Telemetry
import Tools

/// The command line: CoreDNS's flags, with one dash or two.
struct ClusterDNS: ParsableCommand {
    @Option(
        name: .customLong("conf"),
        help: ArgumentHelp(
            "Corefile to serve; 'stdin' reads standard input. Default: ./Corefile, or 'whoami' and 'log' without one.",
            valueName: "file"))
    var conf: String?

    @Option(
        name: [.customLong("dns.port"), .customLong("p")],
        help: ArgumentHelp("Port of server blocks that name none.", valueName: "port"))
    var port: UInt16 = 53

    @Option(
        name: .customLong("pidfile"),
        help: ArgumentHelp("File to write the process id to.", valueName: "file"))
    var pidfile: String?

    @Flag(
        name: .customLong("plugins"),
        help: "List the plugins that are built in, and exit.")
    var plugins = false

    @Flag(
        name: .customLong("quiet"),
        help: "Print no start-up lines.")
    var quiet = false

    @Flag(
        name: .customLong("version"),
        help: "Print the version, and exit.")
    var version = false

    @Argument(parsing: .remaining, help: .hidden)
    var extra: [String] = []

    static let configuration = CommandConfiguration(
        commandName: "clusterdns",
        abstract: "A DNS server for Kubernetes clusters, in the place of CoreDNS and with its Corefile.",
        usage: """
            clusterdns [-conf <file>] [-dns.port <port>] [-pidfile <file>] [-plugins] [-quiet] [-version]
            clusterdns COMMAND ...
            """,
        discussion: Tools.overview)
}

@main
enum Main {
    /// A wrong command line, as Go's flag package has it.
    private static let usageExitCode: Int32 = 2

    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        if let word = arguments.first, let command = Tools.command(word) {
            exit(Tools.run(command, Array(arguments.dropFirst())))
        }
        if arguments.first == "help" { exit(help(about: arguments.dropFirst().first)) }
        let options: ClusterDNS
        do {
            options = try ClusterDNS.parse(arguments.map(expanded))
        } catch {
            let isHelp = ClusterDNS.exitCode(for: error) == .success
            Terminal.write(ClusterDNS.fullMessage(for: error), to: isHelp ? .output : .error)
            exit(isHelp ? 0 : usageExitCode)
        }
        if !options.extra.isEmpty {
            let words = options.extra.joined(separator: " ")
            Terminal.write("extra command line arguments: [\(words)]", to: .error)
            exit(1)
        }
        if options.version {
            Version.lines.forEach { Terminal.write($0) }
        } else if options.plugins {
            Registry.kinds.map { $0.name }.sorted().forEach { Terminal.write($0) }
        } else {
            ProcessLimits.raiseBindCapability()
            ServerRun(options).run()
        }
    }

    /// `help` is `--help`, of the program or of a command.
    private static func help(about word: String?) -> Int32 {
        guard let word else {
            Terminal.write(ClusterDNS.helpMessage())
            return 0
        }
        guard let command = Tools.command(word) else {
            Terminal.write("there is no command '\(word)'\n\(Tools.overview)", to: .error)
            return usageExitCode
        }
        return Tools.run(command, ["--help"])
    }

    /// Flags have one dash or two, as Go's flag package takes them; the parser would read one dash and several letters
    /// as several flags.
    private static func expanded(_ argument: String) -> String {
        switch argument {
        case "-h", "-help", "--h": "--help"
        case _ where argument.hasPrefix("-") && !argument.hasPrefix("--") && argument.count > 1: "-" + argument
        default: argument
        }
    }
}

/// What `-version` says.
enum Version {
    static let number = "0.1.0"

    /// Two lines, as CoreDNS prints them.
    static var lines: [String] { ["clusterdns-\(number)", "linux/\(architecture), \(BuildInfo.compiler)"] }

    private static var architecture: String {
        #if arch(x86_64)
            "amd64"
        #else
            "arm64"
        #endif
    }
}
