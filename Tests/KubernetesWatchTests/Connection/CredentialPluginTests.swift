import Dispatch
import Glibc
import TestSupport
import Testing

@testable import KubernetesWatch

/// Credential plugins: shell scripts that are really run.
@Suite(.timeLimit(.minutes(10)))
struct CredentialPluginTests {
    let folder: ConnectionFolder

    init() throws { folder = try ConnectionFolder() }

    /// A script that counts its runs in the file `runs`. It is not executed itself: a file that was just written may be
    /// open for writing in a process that another test starts at this moment, and is busy then.
    private func plugin(_ script: String) throws -> ExecPlugin {
        try folder.write("plugin", "echo x >>'\(folder("runs"))'\n\(script)\n")
        return ExecPlugin(command: "sh", arguments: [folder("plugin")])
    }

    private var runs: Int { folder.read("runs").utf8.count / 2 }

    private static func printing(_ status: String) -> String {
        "cat <<'END'\n\(ExecCredentialTests.json(status))\nEND"
    }

    private func fault(_ script: String, limit: Duration = .seconds(60)) async throws -> String {
        let words = await Asked(.exec(try plugin(script)), timeLimit: limit).words()
        let prefix = "the credential plugin 'sh' "
        #expect(words.hasPrefix(prefix))
        return String(words.dropFirst(prefix.count))
    }

    @Test("uses what the plugin prints")
    func usesOutput() async throws {
        let asked = Asked(.exec(try plugin(Self.printing(#"{"token": "abc"}"#) + "\necho note >&2")))
        #expect(await asked.words() == "Bearer abc")
    }

    @Test("runs the plugin once for all who ask meanwhile")
    func sharesRun() async throws {
        let asked = Asked(.exec(try plugin("sleep 0.2\n" + Self.printing(#"{"token": "abc"}"#))))
        let answers = await asked.ask(times: 64)
        #expect(answers.allSatisfy { (try? $0.get().authorization) == "Bearer abc" })
        #expect(runs == 1)
        _ = await asked.ask()
        #expect(runs == 1)
    }

    @Test("refuses to let more requests wait than there can be")
    func boundsWaiting() async throws {
        let asked = Asked(.exec(try plugin("sleep 0.2\n" + Self.printing(#"{"token": "abc"}"#))))
        let failed = await asked.ask(times: 66).compactMap { answer in
            if case .failure(let fault) = answer { fault.description } else { nil }
        }
        #expect(failed == Array(repeating: failed[0], count: 2))
        #expect(failed[0].hasSuffix("is awaited by too many requests"))
    }

    @Test("runs the plugin again shortly before its credentials end, and not before that")
    func renewsBeforeEnd() async throws {
        // The clock of these tests stands at 2027-01-15T08:00:00Z.
        let asked = Asked(
            .exec(try plugin(Self.printing(#"{"token": "abc", "expirationTimestamp": "2027-01-15T08:10:00Z"}"#))))
        #expect(await asked.words() == "Bearer abc")
        asked.pass(seconds: 590)
        #expect(await asked.words() == "Bearer abc")
        #expect(runs == 1)
        asked.pass(seconds: 6)
        #expect(await asked.words() == "Bearer abc")
        #expect(runs == 2)
    }

    @Test("runs the plugin again once the server has refused what it said")
    func renewsRefused() async throws {
        let asked = Asked(.exec(try plugin(Self.printing(#"{"token": "abc"}"#))))
        for run in 1...3 {
            #expect(await asked.words() == "Bearer abc")
            #expect(runs == run)
            asked.refuse()
        }
    }

    @Test("runs the plugin again after a failure")
    func recovers() async throws {
        let path = folder("works")
        let asked = Asked(.exec(try plugin("test -e '\(path)' || exit 3\n" + Self.printing(#"{"token": "abc"}"#))))
        #expect(await asked.words().hasSuffix("ended with exit status 3"))
        try folder.write("works", "")
        #expect(await asked.words() == "Bearer abc")
    }

    @Test("gives the plugin its arguments, its environment, ours, and what it is asked for")
    func givesEnvironment() async throws {
        var plugin = try plugin(
            """
            { echo "$#|$1|$2"; echo "$AWS_PROFILE|$HOME"; echo "$KUBERNETES_EXEC_INFO"; cat; } >'\(folder("seen"))'
            """ + "\n" + Self.printing(#"{"token": "abc"}"#))
        plugin.arguments += ["get token", "-"]
        plugin.environment = ["AWS_PROFILE": "a b", "HOME": "/nowhere"]
        plugin.clusterInfo = #"{"server":"https://a"}"#
        #expect(await Asked(.exec(plugin)).words() == "Bearer abc")
        #expect(
            folder.read("seen")
                == "2|get token|-\na b|/nowhere\n"
                + #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","#
                + #""spec":{"cluster":{"server":"https://a"},"interactive":false}}"# + "\n")
        plugin.environment = [:]
        plugin.clusterInfo = ""
        #expect(await Asked(.exec(plugin)).words() == "Bearer abc")
        let home = getenv("HOME").map { String(cString: $0) } ?? ""
        #expect(
            folder.read("seen")
                == "2|get token|-\n|\(home)\n"
                + #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","#
                + #""spec":{"interactive":false}}"# + "\n")
    }

    @Test("says how the plugin ended, with the last line of what it complained of")
    func tellsFailures() async throws {
        #expect(try await fault("exit 7") == "ended with exit status 7")
        #expect(
            try await fault("echo one >&2; printf 'Unable to \\033[31mlocate\\tcredentials.\\n\\n' >&2; exit 255")
                == "ended with exit status 255: Unable to [31mlocate credentials.")
        #expect(
            try await fault("head -c 100000 /dev/zero | tr '\\0' 'x' >&2; exit 1")
                == "ended with exit status 1: \(String(repeating: "x", count: 300))…")
        #expect(try await fault("echo bye >&2; kill -9 $$") == "was ended by signal 9: bye")
        #expect(try await fault("exit 0") == "printed nothing")
        #expect(try await fault("echo s3cr3t") == "printed no ExecCredential")
    }

    @Test("ends a plugin that does not end, with all that it has started")
    func endsSlow() async throws {
        let script = "echo waiting >&2; sleep 1000 & echo $! >'\(folder("child"))'; wait"
        let words = try await fault(script, limit: .milliseconds(500))
        #expect(words == "did not end within 60 seconds and was ended: waiting")
        let child = try #require(pid_t(folder.read("child").split(separator: "\n").first ?? ""))
        #expect(await isGone(child))
    }

    /// Nobody may wait for a grandchild but init, which may take its time: at most ten seconds.
    private func isGone(_ pid: pid_t) async -> Bool {
        for _ in 0..<1000 {
            let state = ConnectionFolder.content(of: "/proc/\(pid)/stat").split(separator: ")").last ?? ""
            if state.isEmpty || state.hasPrefix(" Z") { return true }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    @Test("ends a plugin that prints without end")
    func endsFlood() async throws {
        #expect(try await fault("cat /dev/zero") == "printed more than 256 KiB and was ended")
    }

    @Test("waits for the end of a plugin that has closed its output, and not for one that it left behind")
    func waitsForEnd() async throws {
        let closed = Self.printing(#"{"token": "abc"}"#) + "\nexec >&- 2>&-\nsleep 0.2"
        #expect(await Asked(.exec(try plugin(closed))).words() == "Bearer abc")
        let left = "sleep 1000 & echo $! >'\(folder("child"))'\n" + Self.printing(#"{"token": "abc"}"#)
        #expect(await Asked(.exec(try plugin(left))).words() == "Bearer abc")
        let child = try #require(pid_t(folder.read("child").split(separator: "\n").first ?? ""))
        kill(child, SIGKILL)
    }

    @Test("tells how to install a plugin that is not there")
    func tellsMissing() async throws {
        var plugin = ExecPlugin(command: "no-such-credential-plugin", installHint: "Install it\n  from  here.\n")
        #expect(
            await Asked(.exec(plugin)).words()
                == "the credential plugin 'no-such-credential-plugin' is not installed: there is no such command;"
                + " Install it from here.")
        plugin.installHint = ""
        plugin.command = folder("none")
        #expect(
            folder.relative(await Asked(.exec(plugin)).words())
                == "the credential plugin 'none' is not installed: there is no such command")
        try folder.write("data", "x", mode: 0o600)
        plugin.command = folder("data")
        #expect(
            folder.relative(await Asked(.exec(plugin)).words())
                == "the credential plugin 'data' cannot be run: starting it: Permission denied")
    }

    @Test("finds a plugin in PATH, and leaves it no signal blocked or ignored")
    func findsCommand() async throws {
        let seen = folder("seen")
        // Without another program: while a shell starts one, it may block signals.
        let script = "while read -r key mask; do case $key in SigBlk:|SigIgn:) echo $mask;; esac; done"
        let plugin = ExecPlugin(
            command: "sh",
            arguments: ["-c", "\(script) </proc/$$/status >'\(seen)'; " + Self.printing(#"{"token": "abc"}"#)])
        #expect(await Asked(.exec(plugin)).words() == "Bearer abc")
        // 32 and 33 are glibc's own: it ignores them in every process that it spawns.
        let masks = folder.read("seen").split(separator: "\n")
        #expect(masks.map { UInt64($0, radix: 16).map { $0 & ~0x1_8000_0000 } } == [0, 0])
    }

    @Test("gives the plugin no descriptor of ours, and leaves no process behind")
    func leavesNoProcess() async throws {
        let seen = folder("seen")
        let script = "ls /proc/$$/fd >'\(seen)'; echo $$ >>'\(folder("pids"))'\n" + Self.printing(#"{"token": "abc"}"#)
        // One that is not closed on exec.
        let open = fcntl(STDERR_FILENO, F_DUPFD, 100)
        defer { close(open) }
        let asked = Asked(.exec(try plugin(script)))
        for _ in 0..<20 {
            #expect(await asked.words() == "Bearer abc")
            asked.refuse()
        }
        // Shells keep the script and what they redirect in 10 and above, or in 255.
        let inherited = folder.read("seen").split(separator: "\n").compactMap { Int($0) }
        #expect(inherited.allSatisfy { 0...2 ~= $0 || 10..<20 ~= $0 || $0 == 255 }, "\(inherited)")
        for pid in folder.read("pids").split(separator: "\n").compactMap({ pid_t($0) }) {
            var status: Int32 = 0
            #expect(waitpid(pid, &status, WNOHANG) == -1 && errno == ECHILD)
        }
        #expect(runs == 20)
    }

    /// In a process of its own, for the tests beside it open files too.
    @Test("leaves no descriptor behind, however the plugin ends")
    func leavesNoDescriptor() async {
        await #expect(processExitsWith: .success) {
            let folder = try ConnectionFolder()
            let scripts = [
                CredentialPluginTests.printing(#"{"token": "abc"}"#), "exit 1", "cat /dev/zero", "sleep 1000",
            ]
            var before = 0
            for round in 0..<5 {
                for script in scripts {
                    let plugin = ExecPlugin(command: "sh", arguments: ["-c", script])
                    _ = await Asked(.exec(plugin), timeLimit: .milliseconds(300)).ask()
                }
                _ = await Asked(.exec(ExecPlugin(command: folder("none")))).ask()
                if round == 0 { before = try await CredentialPluginTests.descriptors(atMost: 0) }
            }
            let after = try await CredentialPluginTests.descriptors(atMost: before)
            exit(after <= before ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }

    /// Open descriptors, once they are few enough or half a second has passed: Dispatch closes them a little later.
    private static func descriptors(atMost most: Int) async throws -> Int {
        var count = 0
        for _ in 0..<50 {
            count = 0
            guard let directory = opendir("/proc/self/fd") else { return -1 }
            while readdir(directory) != nil { count += 1 }
            closedir(directory)
            if count <= most { return count }
            try await Task.sleep(for: .milliseconds(10))
        }
        return count
    }

    @Test("waits for a plugin although nobody wants to know any more")
    func reapsForgotten() async throws {
        let script = "echo $$ >'\(folder("pid"))'; sleep 0.3; " + Self.printing(#"{"token": "abc"}"#)
        Asked(.exec(try plugin(script))).askAndForget()
        var pid: pid_t?
        _ = await eventually {
            pid = pid_t(folder.read("pid").split(separator: "\n").first ?? "")
            return pid != nil
        }
        let known = try #require(pid)
        // Once it was waited for, it is no child and no zombie of ours.
        #expect(await eventually { kill(known, 0) != 0 && errno == ESRCH })
    }
}
