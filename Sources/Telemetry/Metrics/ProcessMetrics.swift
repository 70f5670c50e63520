import Glibc

/// What Linux knows about this process, under the names that every Prometheus client uses.
public enum ProcessMetrics {
    /// Adds the `process_` metrics to a registry.
    public static func register(in registry: MetricsRegistry) {
        registry.observeCounter(
            "process_cpu_seconds_total", help: "Processor time used so far, user and system.", cpuSeconds)
        registry.gauges(
            "process_resident_memory_bytes", help: "Memory in RAM."
        ).observe { Double(Stat.read().residentPages) * Double(sysconf(Int32(_SC_PAGESIZE))) }
        registry.gauges(
            "process_virtual_memory_bytes", help: "Address space."
        ).observe { Double(Stat.read().virtualBytes) }
        let start = startSeconds()
        registry.gauges(
            "process_start_time_seconds", help: "When the process started, in Unix time."
        ).observe { start }
        registry.gauges("process_open_fds", help: "Open file descriptors.").observe([], openDescriptors)
        registry.gauges("process_max_fds", help: "Limit of open file descriptors.").observe([], descriptorsMax)
    }

    private static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        let microseconds = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(microseconds) / 1_000_000
    }

    private static func startSeconds() -> Double {
        let bootLine = ProcFile.text("/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
        let boot = bootLine.flatMap { Double($0.dropFirst(6)) } ?? 0
        return boot + Double(Stat.read().startTicks) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func openDescriptors() -> Double {
        guard let directory = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(directory) }
        var entries = 0
        while readdir(directory) != nil { entries += 1 }
        return Double(entries - 3)  // without ".", ".." and the directory itself
    }

    private static func descriptorsMax() -> Double {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Double(limit.rlim_cur)
    }

    /// Three fields of /proc/self/stat (proc(5)).
    private struct Stat {
        var startTicks: UInt64 = 0
        var virtualBytes: UInt64 = 0
        var residentPages: UInt64 = 0

        static func read() -> Stat {
            // The second field is the command in parentheses and may contain anything; count from behind it.
            let text = ProcFile.text("/proc/self/stat")
            guard let end = text.lastIndex(of: ")") else { return Stat() }
            let fields = text[text.index(after: end)...].split(separator: " ")
            guard fields.count > 21 else { return Stat() }
            return Stat(
                startTicks: UInt64(fields[19]) ?? 0, virtualBytes: UInt64(fields[20]) ?? 0,
                residentPages: UInt64(fields[21]) ?? 0)
        }
    }
}

/// Reads what the kernel tells as a file.
private enum ProcFile {
    private static let bytesMax = 1 << 16

    /// The text, or nothing if there is no such file.
    static func text(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while text.count < bytesMax {
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            text += chunk[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }
}
