extension Duration {
    /// In the unit of the loop and of the kernel's clocks; never negative, at most some thirty years.
    package var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        return UInt64(clamping: min(seconds, 1_000_000_000)) * 1_000_000_000
            + UInt64(clamping: attoseconds / 1_000_000_000)
    }
}
