import Glibc

/// The real executable, run by a test in a directory of its own. Ends when it is let go.
public final class Program {
    /// How a run ended, and all that it wrote.
    public struct Outcome: Sendable {
        /// The exit code; minus the number of the signal that ended the process; nil if it had to be ended.
        public let code: Int32?
        /// Lines on standard output.
        public let output: [String]
        /// Lines on standard error.
        public let errors: [String]
    }

    /// Where the process runs; deleted at the end.
    public let directory: String
    private let process: Spawned
    private var hasEnded = false

    /// The server, which lies beside this test bundle.
    public static var path: String { path(of: "clusterdns") }

    /// An executable of the package.
    private static func path(of name: String) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let bundle = String(decoding: buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return bundle[..<(bundle.lastIndex(of: "/") ?? bundle.startIndex)] + "/" + name
    }

    /// Starts `clusterdns`, or another executable of the package, with these arguments and files in its directory.
    /// `shell` runs before it: `ulimit -n 40`.
    public init(
        _ arguments: [String], of name: String = "clusterdns", files: [String: String] = [:], input: String = "",
        shell: String = "true"
    ) throws {
        var template = Array("\(P_tmpdir)/clusterdns-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ClientError("mkdtemp") }
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.directory = directory
        process = try Program.spawn([Program.path(of: name)] + arguments, directory, files, input, shell)
    }

    deinit {
        if !hasEnded { process.end() }
        for name in Program.names(in: directory) { unlink("\(directory)/\(name)") }
        rmdir(directory)
    }

    private static func spawn(
        _ command: [String], _ directory: String, _ files: [String: String], _ input: String, _ shell: String
    ) throws -> Spawned {
        for (name, text) in files { try write(text, to: "\(directory)/\(name)") }
        try write(input, to: "\(directory)/stdin")
        let script = "cd '\(directory)' && \(shell) && exec \"$0\" \"$@\""
        return try Spawned(
            "/bin/sh", ["-c", script] + command, input: .reading("\(directory)/stdin"),
            output: .writing("\(directory)/stdout"), errors: .writing("\(directory)/stderr"))
    }

    private static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
                })
        }
        return names.filter { $0 != "." && $0 != ".." }
    }

    // MARK: Files

    /// Writes a file of the directory anew.
    public func write(_ text: String, to name: String) throws { try Program.write(text, to: "\(directory)/\(name)") }

    /// Deletes a file of the directory.
    public func remove(_ name: String) { unlink("\(directory)/\(name)") }

    /// The content of a file of the directory; nil if there is none.
    public func content(of name: String) -> String? { Program.content(ofFile: "\(directory)/\(name)") }

    /// The content of any file; nil if there is none.
    public static func content(ofFile path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func write(_ text: String, to path: String) throws {
        guard let file = fopen(path, "w") else { throw ClientError("fopen \(path)") }
        fputs(text, file)
        fclose(file)
    }

    private func lines(of name: String) -> [String] {
        content(of: name)?.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init) ?? []
    }

    /// Lines on standard output so far.
    public var output: [String] { lines(of: "stdout") }
    /// Lines on standard error so far.
    public var errors: [String] { lines(of: "stderr") }

    // MARK: Life

    /// Sends a signal.
    public func send(_ signal: Int32) { kill(process.pid, signal) }

    /// Waits until standard output has a line like this one; false if none comes in time.
    public func waitForOutput(containing text: String, within timeout: Duration = UDPClient.patience) -> Bool {
        patiently(within: timeout) { output.contains { $0.contains(text) } }
    }

    /// Waits for the end; ends the process if it does not come in time.
    public func finish(within timeout: Duration = .seconds(20)) -> Outcome {
        let code = process.wait(within: timeout)
        if code == nil { process.end() }
        hasEnded = true
        return Outcome(code: code, output: output, errors: errors)
    }
}

extension Program {
    /// Whether the program runs, and has said that a signal is to wait, what it is to do, or that it is to do nothing.
    private func overrides(_ signal: Int32) -> Bool {
        guard let file = fopen("/proc/\(process.pid)/status", "r") else { return false }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 8_192)
        let count = fread(&bytes, 1, bytes.count, file)
        let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
        // Until then it is the shell that starts it.
        guard lines.first == "Name:\tclusterdns" else { return false }
        return lines.contains { line in
            guard ["SigBlk:", "SigIgn:", "SigCgt:"].contains(where: line.hasPrefix) else { return false }
            return (UInt64(line.dropFirst(8), radix: 16) ?? 0) & 1 << (signal - 1) != 0
        }
    }

    /// Waits until a signal neither ends the program nor is for the shell that starts it.
    public func waitUntilItOverrides(_ signal: Int32, lookingEvery microseconds: UInt32) {
        _ = patiently(every: .microseconds(microseconds)) { overrides(signal) }
    }

    /// Descriptors that the process has open.
    public var descriptorCount: Int { OpenDescriptors.count(of: "\(process.pid)") }

    /// Processor time that the process has used, in seconds.
    public var cpuSeconds: Double {
        guard let file = fopen("/proc/\(process.pid)/stat", "r") else { return 0 }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = fread(&bytes, 1, bytes.count, file)
        // The name of the program, in parentheses, may hold anything; counting starts behind it.
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        guard let name = text.lastIndex(of: ")") else { return 0 }
        let fields = text[name...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
