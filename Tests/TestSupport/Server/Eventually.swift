import Glibc

/// Looks that are made at least: where all tests want a thread, the next look may come minutes later.
private let looksMin = 1_000

/// Waits until something is so; false if it does not become so in a minute, and many looks.
public func eventually(
    every pause: Duration = .milliseconds(5), _ isMet: () async throws -> Bool
) async rethrows -> Bool {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(60)
    var looks = 0
    while clock.now < end || looks < looksMin {
        if try await isMet() { return true }
        looks += 1
        try? await Task.sleep(for: pause)
    }
    return false
}

/// The same where nothing else can be done meanwhile.
public func patiently(
    every pause: Duration = .milliseconds(5), within patience: Duration = .seconds(60), _ isMet: () throws -> Bool
) rethrows -> Bool {
    let clock = ContinuousClock()
    let end = clock.now + patience
    repeat {
        if try isMet() { return true }
        usleep(UInt32(pause / .microseconds(1)))
    } while clock.now < end
    return try isMet()
}
