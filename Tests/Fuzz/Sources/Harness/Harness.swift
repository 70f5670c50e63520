/// The arguments of `main`.
public typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

/// What is tried with each input: its first byte, and how many there are.
public typealias Trial = @convention(c) (UnsafePointer<UInt8>, Int) -> CInt

/// Hands inputs to a trial until the time is over. SwiftPM renames `main` of an executable target to NAME_main, and
/// libFuzzer's own `main` is not linked; so each target has that function and calls this one.
public func runFuzzer(_ count: CInt, _ arguments: Arguments, _ trial: Trial) -> CInt {
    var count = count
    var arguments = arguments
    return runDriver(&count, &arguments, trial)
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<Arguments>, _ trial: Trial
) -> CInt

/// libFuzzer's library asks for this symbol; its driver is given the trial instead.
@_cdecl("LLVMFuzzerTestOneInput")
public func unusedTrial(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt { -1 }
