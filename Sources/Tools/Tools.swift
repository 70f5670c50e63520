public import ArgumentParser

/// The commands of the program beside the server.
public enum Tools {
    /// In the order of the help.
    public static let commands: [any ParsableCommand.Type] = []

    /// The command that a first argument names.
    public static func command(_ word: String) -> (any ParsableCommand.Type)? {
        commands.first { $0.configuration.commandName == word }
    }

    /// Runs one, and returns its exit code.
    public static func run(_ command: any ParsableCommand.Type, _ arguments: [String]) -> Int32 {
        do {
            var parsed = try command.parseAsRoot(arguments)
            try parsed.run()
            return ExitCode.success.rawValue
        } catch {
            let code = command.exitCode(for: error)
            Terminal.write(command.fullMessage(for: error), to: code == .success ? .output : .error)
            return code.rawValue
        }
    }
}
