/// Bounds of what a hosts file may cost; several times the largest lists that are in use.
enum HostsLimits {
    /// A longer file is not read.
    static let fileMaxBytes = 64 << 20
    /// A file with more names, counted once for each line that they stand on, is not taken.
    static let namesMax = 2_000_000
}
