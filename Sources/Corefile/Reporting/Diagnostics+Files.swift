extension Diagnostics {
    /// Directories of the files that were read; "" is that of the process.
    public var directories: Set<String> { Set(sources.map { DiskFiles.directory(of: $0.file) }) }

    /// The first error in a line: where and what; nil without errors.
    public var firstError: String? {
        sorted.first { $0.severity == .error }.map { "\($0.position): \($0.message.printable())" }
    }
}
