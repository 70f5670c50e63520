import PluginKit

/// Opens the metadata of its block to the plugins behind it, and to those in front on the way back.
final class MetadataPlugin: QueryHandling, MetadataCollecting {
    let metadataSource: MetadataSource

    init(_ source: MetadataSource) { metadataSource = source }

    func onQuery(_ query: inout Query) -> Verdict {
        metadataSource.open(to: &query)
        return .next
    }
}
