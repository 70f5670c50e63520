public import Harness
import KubernetesWatch
import StreamChecks

/// The reader of protobuf lists and watches must survive everything.
private func fuzzProtobuf(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    checkStream(start, count, .protobuf)
    return 0
}

/// What libFuzzer is started from; Harness tells why.
@_cdecl("FuzzProtobuf_main")
public func fuzzMain(_ count: CInt, _ arguments: Arguments) -> CInt { runFuzzer(count, arguments, fuzzProtobuf) }
