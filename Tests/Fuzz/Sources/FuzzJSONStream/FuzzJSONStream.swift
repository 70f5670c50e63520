public import Harness
import KubernetesWatch
import StreamChecks

/// The scanner of JSON lists and watches must survive everything.
private func fuzzJSONStream(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    checkStream(start, count, .json)
    return 0
}

/// What libFuzzer is started from; Harness tells why.
@_cdecl("FuzzJSONStream_main")
public func fuzzMain(_ count: CInt, _ arguments: Arguments) -> CInt { runFuzzer(count, arguments, fuzzJSONStream) }
