import Glibc

/// The descriptors that this process has open, for tests that look for leaks.
public enum OpenDescriptors {
    /// How many there are.
    public static var count: Int { count(of: "self") }

    static func count(of process: String) -> Int {
        guard let directory = opendir("/proc/\(process)/fd") else { return 0 }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        return count
    }

    /// The number once it is no more than `limit`, or what it still is after a minute.
    public static func settle(at limit: Int) -> Int {
        _ = patiently { count <= limit }
        return count
    }
}
