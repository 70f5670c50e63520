import CLinux
import Glibc

/// A program of the system that a test uses: openssl, nginx.
public struct Tool: Sendable {
    private static let secondsMax = 30

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
        let pid = try start(arguments, in: directory, input: nil)
        guard let status = Tool.wait(for: pid, seconds: Tool.secondsMax) else {
            kill(pid, SIGKILL)
            _ = Tool.wait(for: pid, seconds: Tool.secondsMax)
            throw ClientError(reason: "\(path) does not end")
        }
        guard status == 0 else {
            let text = String(decoding: directory.content(of: "output") ?? [], as: UTF8.self)
            throw ClientError(reason: "\(path) \(arguments.joined(separator: " ")): \(text)")
        }
    }

    /// Starts it with what it writes going to the file `output`.
    func start(_ arguments: [String], in directory: TemporaryDirectory, input: Int32?) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        let output = "\(directory.path)/output"
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // Dispatch's threads block signals, which a process would inherit.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let script = "cd \"$0\" && exec \"$@\""
        var words = (["sh", "-c", script, directory.path, path] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, "/bin/sh", &actions, &attributes, &words, Glibc.environ)
        guard code == 0 else {
            throw ClientError("posix_spawn \(path)")
        }
        return pid
    }

    /// The status that a process ended with; nil if it has not in time.
    static func wait(for pid: pid_t, seconds: Int) -> Int32? {
        for _ in 0..<seconds * 500 {
            var status: Int32 = 0
            if waitpid(pid, &status, WNOHANG) == pid { return status }
            usleep(2_000)
        }
        return nil
    }
}
