import ArgumentParser
import Corefile

/// `clusterdns check`: what is wrong with a Corefile, and how it is understood.
struct CheckCommand: ParsableCommand {
    private static let mistakeExitCode: Int32 = 1

    static let configuration = CommandConfiguration(
        commandName: "check", _superCommandName: "clusterdns",
        abstract: "Check a Corefile: mistakes, dead lines, the order of plugins.",
        discussion: """
            The Corefile is read and set up as the server does it, but nothing is started:
            no port is opened and no other machine is asked. The files that the Corefile
            names are looked for on this machine.

            Mistakes and warnings go to standard error, each with its line and column. Then
            each server block is shown as queries meet it: the order of plugins is fixed,
            whatever the order of lines in the Corefile.

            Exit codes: 0 the server would start with it; 1 it would not, or there are
            warnings and --strict is given; 2 a wrong command line.
            """)

    @Argument(help: ArgumentHelp("The Corefile; '-' reads standard input.", valueName: "Corefile"))
    var file = "Corefile"

    @Flag(name: .customLong("strict"), help: "Exit with 1 if there are warnings.")
    var isStrict = false

    @Flag(name: .customLong("quiet"), help: "Print mistakes and warnings only.")
    var isQuiet = false

    @Flag(name: .customLong("json"), help: "Print everything as JSON, on standard output.")
    var isJSON = false

    @Option(
        name: [.customLong("dns.port"), .customLong("dns.port", withSingleDash: true), .customShort("p")],
        help: ArgumentHelp("Port of server blocks that name none.", valueName: "port"))
    var port: UInt16 = 53

    func run() throws {
        let report: CheckReport
        do throws(FileError) {
            let isInput = file == "-"
            let bytes = try DiskFiles().read(isInput ? "/dev/stdin" : file)
            report = CheckReport.make(
                text: String(decoding: bytes, as: UTF8.self), file: isInput ? "stdin" : file, defaultPort: port)
        } catch {
            Terminal.write("clusterdns check: open \(file): \(error.reason)", to: .error)
            throw ExitCode(Self.mistakeExitCode)
        }
        if isJSON {
            Terminal.write(report.json.text)
        } else {
            report.diagnostics.rendered().forEach { Terminal.write($0, to: .error) }
            if !isQuiet { report.lines.forEach { Terminal.write($0) } }
        }
        guard report.errors.isEmpty, report.warnings.isEmpty || !isStrict else {
            throw ExitCode(Self.mistakeExitCode)
        }
    }
}
