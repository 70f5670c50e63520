import ClusterIndex

/// What is needed of `kind` and `metadata`.
struct ObjectMetadata {
    /// How much of it.
    enum Scope {
        /// What the object is called.
        case key
        /// Also the labels and the annotation of an EndpointSlice.
        case slice
        /// Also the annotation of a bookmark.
        case bookmark
    }

    /// Empty where the object does not say it, as the items of a list.
    var kind = ""
    var name = ""
    var namespace = ""
    var version = ResourceVersion("")
    /// Whether there is a deletionTimestamp.
    var isTerminating = false
    var labels = SliceLabels()
    var lastChangeTriggerTime = ""
    var endsInitialEvents = false

    /// The labels that tell whose slice it is.
    struct SliceLabels {
        var serviceName = ""
        var importedServiceName = ""
        var sourceCluster = ""
    }

    /// The key, if this is an object of the kind.
    func key(of wanted: ObjectKind) throws(ObjectFault) -> ObjectKey {
        guard kind.isEmpty || kind == wanted.rawValue else {
            throw .unusable(DecodingFault("the object is a \(quoted(kind)), not a \(wanted.rawValue)"))
        }
        guard !name.isEmpty else { throw .unusable(DecodingFault("the object has no name")) }
        if wanted == .namespace { return ObjectKey(name: name) }
        guard !namespace.isEmpty else { throw .unusable(DecodingFault("the object has no namespace")) }
        return ObjectKey(namespace: namespace, name: name)
    }
}

/// Labels and annotations that mean something to us.
enum KnownWord {
    case serviceName, importedServiceName, sourceCluster, lastChangeTriggerTime, initialEventsEnd

    /// The label of a slice.
    init?(label: some KeyText) {
        if label.isEqual(to: "kubernetes.io/service-name") {
            self = .serviceName
        } else if label.isEqual(to: "multicluster.kubernetes.io/service-name") {
            self = .importedServiceName
        } else if label.isEqual(to: "multicluster.kubernetes.io/source-cluster") {
            self = .sourceCluster
        } else {
            return nil
        }
    }

    /// The annotation of a slice or a bookmark.
    init?(annotation: some KeyText, _ scope: ObjectMetadata.Scope) {
        if scope == .slice, annotation.isEqual(to: "endpoints.kubernetes.io/last-change-trigger-time") {
            self = .lastChangeTriggerTime
        } else if scope == .bookmark, annotation.isEqual(to: "k8s.io/initial-events-end") {
            self = .initialEventsEnd
        } else {
            return nil
        }
    }
}

/// A key in whichever encoding.
protocol KeyText {
    func isEqual(to word: StaticString) -> Bool
}

extension ObjectMetadata {
    /// Keeps the value of a label or an annotation.
    mutating func set(_ word: KnownWord, _ value: String) {
        switch word {
        case .serviceName: labels.serviceName = value
        case .importedServiceName: labels.importedServiceName = value
        case .sourceCluster: labels.sourceCluster = value
        case .lastChangeTriggerTime: lastChangeTriggerTime = value
        case .initialEventsEnd: endsInitialEvents = value == "true"
        }
    }
}
