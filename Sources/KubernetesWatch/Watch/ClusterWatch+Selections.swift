public import ClusterIndex

extension ClusterWatch {
    /// What must be watched to answer with these options, and what the server selects. ServiceImports are watched
    /// `withImports` only.
    public static func selections(
        for options: IndexOptions, withImports: Bool = false
    ) -> [WatchedResource: Selection] {
        var objects = Selection()
        objects.labels = options.labels.description
        var namespaces = Selection()
        var imports = Selection()
        switch options.namespaces {
        case .all: break
        case .labelled(let labels): namespaces.labels = labels.description
        case .named(let names):
            // Field selectors know no "or": with several namespaces the index itself must choose.
            guard names.count == 1, let only = names.first else { break }
            objects.fields = "metadata.namespace=\(only)"
            imports.fields = objects.fields
            namespaces.fields = "metadata.name=\(only)"
        }
        var chosen: [WatchedResource: Selection] = [.namespaces: namespaces, .services: objects]
        if !options.ignoresEndpoints { chosen[.endpointSlices] = objects }
        if options.pods == .verified {
            var pods = objects
            let live = "status.phase!=Succeeded,status.phase!=Failed,status.phase!=Unknown"
            pods.fields = pods.fields.isEmpty ? live : "\(pods.fields),\(live)"
            chosen[.pods] = pods
        }
        if withImports { chosen[.serviceImports] = imports }
        return chosen
    }
}

extension IndexOptions {
    /// The options of an index that an API server feeds: what the server has selected needs no second look, and labels
    /// are not even read.
    public var afterSelection: IndexOptions {
        var options = self
        options.labels = .everything
        if case .labelled = options.namespaces { options.namespaces = .labelled(.everything) }
        return options
    }
}
