import Glibc

/// Time that only moves forward, for durations and deadlines.
public enum MonotonicClock {
    /// Nanoseconds since some moment before the process started.
    public static func nowNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
