import Glibc

/// A process that a test has started.
struct Spawned {
    /// What a process reads from or writes to.
    enum Stream {
        case reading(String)
        case writing(String)
        case both(String)
        /// A descriptor, of this process or one that was set up before.
        case same(Int32)
    }

    private static let setsid: Int16 = 0x80
    private static let lookMicroseconds: UInt32 = 2_000

    let pid: pid_t

    /// Starts a program; the first terminal that a session of its own opens is its own.
    init(
        _ path: String, _ arguments: [String], input: Stream, output: Stream, errors: Stream, ownSession: Bool = false
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (descriptor, stream) in [input, output, errors].enumerated() {
            let number = Int32(descriptor)
            switch stream {
            case .reading(let file): posix_spawn_file_actions_addopen(&actions, number, file, O_RDONLY, 0)
            case .writing(let file):
                posix_spawn_file_actions_addopen(&actions, number, file, O_WRONLY | O_CREAT | O_APPEND, 0o644)
            case .both(let file): posix_spawn_file_actions_addopen(&actions, number, file, O_RDWR, 0)
            case .same(let other): posix_spawn_file_actions_adddup2(&actions, other, number)
            }
        }
        // Dispatch's threads block signals, which a process would inherit.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | (ownSession ? Self.setsid : 0))
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, path, &actions, &attributes, &words, Glibc.environ)
        guard code == 0 else { throw ClientError(reason: "posix_spawn \(path): \(String(cString: strerror(code)))") }
        self.pid = pid
    }

    /// The exit code, minus the number of the signal that ended the process, or nil if it has not ended. Once it was
    /// told it is not told again.
    func exitCode() -> Int32? {
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
        return status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F)
    }

    /// Waits for the exit code; nil if the process does not end in time.
    func wait(within timeout: Duration) -> Int32? {
        let end = ContinuousClock.now + timeout
        repeat {
            if let code = exitCode() { return code }
            usleep(Self.lookMicroseconds)
        } while ContinuousClock.now < end
        return nil
    }

    /// Ends the process by force.
    func end() {
        kill(pid, SIGKILL)
        _ = wait(within: .seconds(5))
    }
}
