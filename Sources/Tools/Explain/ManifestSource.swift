import ClusterIndex
import Explanation
import Manifests

/// A cluster by the files that describe it.
enum ManifestSource {
    /// Errors told, at most.
    private static let toldMax = 5

    static func read(_ paths: [String], pod: ObjectKey?) throws(ExplainFailure) -> ExplainRun.Source {
        var source = ExplainRun.Source(facts: ObjectFacts())
        var set = ManifestSet(paths: paths)
        let report = set.refresh { change in
            if case .upsert(let object) = change { source.facts.add(object) }
        }
        let errors = report.errors.filter { $0.severity == .error }
        guard set.objectCount > 0 else {
            let reason = errors.first.map { ": \($0)" } ?? ""
            throw ExplainFailure("there are no objects in \(paths.joined(separator: ", "))\(reason)")
        }
        for error in errors.prefix(toldMax) { source.notes.append("\(error).") }
        for path in set.filePaths { addDetails(path, pod, to: &source) }
        if let pod, source.pod == nil { throw ExplainFailure("there is no Pod \(pod) in the manifests") }
        source.lines = ["manifests: \(paths.joined(separator: ", "))"]
        return source
    }

    private static func addDetails(_ path: String, _ pod: ObjectKey?, to source: inout ExplainRun.Source) {
        ManifestReader.forEachField(path: path) { object in
            // What is wrong with an object was told when it was read for answers.
            if let details = try? ServiceDetails(object) { source.facts.add(details) }
            if let details = try? PodDetails(object) {
                source.facts.add(details)
                if details.key == pod { source.pod = details }
            }
        }
    }
}
