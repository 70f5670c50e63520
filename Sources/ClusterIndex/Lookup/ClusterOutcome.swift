/// How the index answered a question.
public enum ClusterOutcome {
    /// Records were written: NOERROR.
    case data
    /// The name exists, but has no record of the type: NOERROR with the SOA. CNAME records that lead to the name may
    /// have been written.
    case noData
    /// The name does not exist, nothing was written: NXDOMAIN with the SOA, unless the question falls through.
    case nameError(NameErrorReason)
    /// A CNAME was written that leads, within the zone, to a name that does not exist: NXDOMAIN with the SOA (RFC 6604
    /// §2.1). The name asked for does exist, so nothing falls through.
    case aliasToNothing(NameErrorReason)
    /// A CNAME was written that leads out of the zone, to this uncompressed wire name; it stays valid as long as the
    /// generation of the index that was asked.
    case alias(UnsafeRawPointer)
    /// A zone transfer: REFUSED.
    case refused
}

/// Why a name of the cluster does not exist.
public enum NameErrorReason: UInt8, Hashable, Sendable, CaseIterable {
    /// No name of the cluster looks like this.
    case badName
    case noSuchNamespace
    case noSuchService
    /// The service is answered by its endpoints, or hidden without them, and none is ready.
    case noReadyEndpoint
    case noSuchEndpoint
    case noSuchPort
    /// The external name is an address or no domain name.
    case badExternalName
    case podsDisabled
    /// The label before the namespace does not spell an address.
    case notAPodAddress
    case noSuchPod
    /// No service or endpoint has the address.
    case noSuchAddress
    /// The service is not reached from outside of the cluster.
    case noExternalAddress

    /// A short sentence for Extended DNS Errors and for people.
    public var text: StaticString {
        switch self {
        case .badName: "not a form of name that a cluster has"
        case .noSuchNamespace: "no such namespace"
        case .noSuchService: "no such service in the namespace"
        case .noReadyEndpoint: "the service has no ready endpoint"
        case .noSuchEndpoint: "the service has no such ready endpoint"
        case .noSuchPort: "the service has no such port"
        case .badExternalName: "the external name of the service is no domain name"
        case .podsDisabled: "names of pods are not answered here"
        case .notAPodAddress: "the first label does not spell a pod's address"
        case .noSuchPod: "no pod in the namespace has the address"
        case .noSuchAddress: "no service or ready endpoint has the address"
        case .noExternalAddress: "the service has no external address"
        }
    }
}
