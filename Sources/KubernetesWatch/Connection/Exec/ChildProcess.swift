import CLinux
import Glibc

/// A program that was started, with pipes from its standard output and standard error. Whoever starts it waits for it
/// and closes the descriptors.
struct ChildProcess {
    /// It leads a group of its own, of this number.
    let pid: pid_t
    /// Readable once it has ended.
    let end: Int32
    /// Read ends, which do not block.
    let output: Int32
    let errors: Int32

    enum StartFault: Error, Hashable {
        /// There is no such command.
        case missing
        case failed(doing: String, code: Int32)
    }

    /// Runs a command, which is looked for in `PATH` unless it is a path, with the environment `NAME=value`.
    static func start(_ arguments: [String], environment: [String]) throws(StartFault) -> ChildProcess {
        let output = try pipe()
        let errors: Pipe
        do {
            errors = try pipe()
        } catch {
            output.close()
            throw error
        }
        defer {
            close(output.write)
            close(errors.write)
        }
        do {
            let pid = try spawn(arguments, environment, output: output.write, errors: errors.write)
            let end = try watch(pid)
            return ChildProcess(pid: pid, end: end, output: output.read, errors: errors.read)
        } catch {
            close(output.read)
            close(errors.read)
            throw error
        }
    }

    private struct Pipe {
        var read: Int32
        var write: Int32

        func close() {
            Glibc.close(read)
            Glibc.close(write)
        }
    }

    private static func pipe() throws(StartFault) -> Pipe {
        var ends: [Int32] = [0, 0]
        guard clinux_pipe(&ends) == 0 else { throw .failed(doing: "making a pipe", code: errno) }
        return Pipe(read: ends[0], write: ends[1])
    }

    private static func spawn(
        _ arguments: [String], _ environment: [String], output: Int32, errors: Int32
    ) throws(StartFault) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
        // Libraries may have opened descriptors that would be inherited.
        clinux_close_from(&actions, STDERR_FILENO + 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        prepare(&attributes)
        let argumentList = CStrings(arguments)
        let environmentList = CStrings(environment)
        var pid: pid_t = 0
        let code = posix_spawnp(
            &pid, arguments[0], &actions, &attributes, argumentList.pointers, environmentList.pointers)
        guard code == 0 else { throw code == ENOENT ? .missing : .failed(doing: "starting it", code: code) }
        return pid
    }

    /// Dispatch's threads block signals, and the server ignores some: neither is inherited. The group is there to be
    /// ended with all that the program has started.
    private static func prepare(_ attributes: inout posix_spawnattr_t) {
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))
    }

    private static func watch(_ pid: pid_t) throws(StartFault) -> Int32 {
        let end = clinux_open_process(pid)
        if end >= 0 { return end }
        let code = errno
        kill(-pid, SIGKILL)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        throw .failed(doing: "watching it", code: code)
    }
}

extension ChildProcess {
    /// How it ended.
    enum Exit: Hashable {
        case status(Int32)
        case signal(Int32)
        /// Somebody else waited for it.
        case unknown
    }

    /// How it ended; nil while it has not. Once it was told, the process is gone.
    func waitWithoutBlocking() -> Exit? {
        var status: Int32 = 0
        while true {
            switch waitpid(pid, &status, WNOHANG) {
            case pid: return status & 0x7F == 0 ? .status(status >> 8 & 0xFF) : .signal(status & 0x7F)
            case 0: return nil
            default: if errno != EINTR { return .unknown }
            }
        }
    }

    /// Ends it and all that it has started; it must still be waited for.
    func terminate() {
        kill(-pid, SIGKILL)
    }
}

/// Strings for C, ended by a null pointer.
private final class CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        pointers = .allocate(capacity: count + 1)
        pointers.initialize(repeating: nil, count: count + 1)
        for (index, string) in strings.enumerated() { pointers[index] = strdup(string) }
    }

    deinit {
        for index in 0..<count { free(pointers[index]) }
        pointers.deallocate()
    }
}
