public import ArgumentParser

/// The commands of the program beside the server.
public enum Tools {
    /// In the order of the help.
    public static let commands: [any ParsableCommand.Type] = [
        CheckCommand.self,
        QueryCommand.self,
        ExplainCommand.self,
        TopCommand.self,
    ]

    /// A wrong command line, where a command does not have it otherwise.
    private static let usageExitCode: Int32 = 2

    /// The words of the commands.
    static var names: [String] { commands.compactMap { $0.configuration.commandName } }

    /// The command that a first argument names.
    public static func command(_ word: String) -> (any ParsableCommand.Type)? {
        commands.first { $0.configuration.commandName == word }
    }

    /// The commands with a line each, for the help of the program.
    public static var overview: String {
        let width = names.map(\.count).max() ?? 0
        let lines = commands.map { command in
            let name = command.configuration.commandName ?? ""
            let gap = String(repeating: " ", count: width - name.count + 2)
            return "  \(name)\(gap)\(command.configuration.abstract)"
        }
        return (["COMMANDS:"] + lines + ["  See 'clusterdns help COMMAND'."]).joined(separator: "\n")
    }

    /// Runs one, and returns its exit code.
    public static func run(_ command: any ParsableCommand.Type, _ arguments: [String]) -> Int32 {
        do {
            var parsed = try command.parseAsRoot(arguments)
            try parsed.run()
            return ExitCode.success.rawValue
        } catch {
            let code = command.exitCode(for: error)
            // The library's own sentence leaves out what the program is called.
            let name = command.configuration.commandName ?? ""
            let message = command.fullMessage(for: error).replacing("See '\(name) ", with: "See 'clusterdns \(name) ")
            if !message.isEmpty { Terminal.write(message, to: code == .success ? .output : .error) }
            guard code == .validationFailure else { return code.rawValue }
            return (command as? any UsageExitCoding.Type)?.usageExitCode ?? usageExitCode
        }
    }
}

/// Has an exit code of its own for a wrong command line.
protocol UsageExitCoding {
    static var usageExitCode: Int32 { get }
}
