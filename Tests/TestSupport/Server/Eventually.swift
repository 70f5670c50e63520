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
