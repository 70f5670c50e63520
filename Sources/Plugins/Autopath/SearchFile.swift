import DNSMessage
import Files
import HostFiles

/// The search domains of a file in the manner of resolv.conf(5), looked at again and again.
struct SearchFile {
    /// Domains that are taken of one file; each may cost a query.
    static let domainsMax = 16

    /// What a look came to.
    enum Look {
        case unchanged
        case domains([Name])
        /// Why there are none.
        case failed(String)
    }

    private var file: PolledFile

    init(_ path: String) { file = PolledFile(path, bytesMax: ResolvConf.bytesMax) }

    /// Reads the file if it is another one than before.
    mutating func look() -> Look {
        switch file.look() {
        case .unchanged: .unchanged
        case .absent: .failed("it does not exist")
        case .failed(let reason): .failed(reason)
        case .content(let bytes, _): .domains(Self.domains(bytes))
        }
    }

    static func domains(_ text: [UInt8]) -> [Name] {
        Array((ResolvConf(text).search ?? []).filter { $0 != .root }.prefix(domainsMax))
    }
}
