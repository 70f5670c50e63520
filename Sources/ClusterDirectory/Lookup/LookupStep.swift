import ClusterIndex
import DNSMessage
import DNSResolver

/// What the index says to one name of a search list.
enum LookupStep<Value: Hashable & Sendable>: Sendable {
    case found(Answers<Value>)
    case noData
    case nameError
    /// An alias leads out of the cluster: the target must be asked elsewhere.
    case elsewhere(Name, ClusterAnswer)
}

/// What a search has come to so far, for the error at its end: that a name exists says more than that another does not.
struct SearchFindings {
    private var hasNoData = false
    private var hasNameError = false

    mutating func noteNoData() { hasNoData = true }

    mutating func noteNameError() { hasNameError = true }

    /// Takes over what somebody else found out; false if that is no finding but a failure.
    mutating func note(_ reason: LookupError.Reason) -> Bool {
        switch reason {
        case .noData: hasNoData = true
        case .nameError: hasNameError = true
        default: return false
        }
        return true
    }

    /// Why nothing was found; nil as long as nobody has been asked.
    var reason: LookupError.Reason? { hasNoData ? .noData : hasNameError ? .nameError : nil }
}
