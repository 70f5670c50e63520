import Glibc

/// A program of the system that a test uses: openssl, nginx.
public struct Tool: Sendable {
    private static let patience = Duration.seconds(30)

    /// Where it is.
    public let path: String

    /// Finds a program; nil if it is not installed.
    public init?(_ name: String) {
        let folders = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin", "/sbin", "/bin"]
        guard let folder = folders.first(where: { access("\($0)/\(name)", X_OK) == 0 }) else { return nil }
        path = "\(folder)/\(name)"
    }

    /// A program of this package, such as an example.
    public init(built name: String) {
        path = Program.path.dropLast("clusterdns".count) + name
    }

    /// Runs it to its end; throws what it wrote if that is a bad one.
    public func run(_ arguments: [String], in directory: TemporaryDirectory) throws {
        let process = try start(arguments, in: directory, input: .reading("/dev/null"))
        guard let code = process.wait(within: Tool.patience) else {
            process.end()
            throw ClientError(reason: "\(path) does not end")
        }
        guard code == 0 else {
            let text = String(decoding: directory.content(of: "output") ?? [], as: UTF8.self)
            throw ClientError(reason: "\(path) \(arguments.joined(separator: " ")): \(text)")
        }
    }

    /// Starts it with what it writes going to the file `output`.
    func start(_ arguments: [String], in directory: TemporaryDirectory, input: Spawned.Stream) throws -> Spawned {
        try Spawned(
            "/bin/sh", ["-c", "cd \"$0\" && exec \"$@\"", directory.path, path] + arguments, input: input,
            output: .writing("\(directory.path)/output"), errors: .same(1))
    }
}
