import Glibc

/// Waits until something is so; false if it does not become so in a minute.
public func eventually(
    every pause: Duration = .milliseconds(5), _ isMet: () async throws -> Bool
) async rethrows -> Bool {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(60)
    repeat {
        if try await isMet() { return true }
        try? await Task.sleep(for: pause)
    } while clock.now < end
    return try await isMet()
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
