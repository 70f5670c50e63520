import Corefile
import Expressions
import PluginKit
import Telemetry

/// Decides which queries its block takes. It stands in the chain only to be listed there.
final class ViewPlugin: QueryFiltering, Plugin, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: constants, of which each worker's conditions are used on its queue only.
    let viewName: String
    private let conditions: UnsafeMutableBufferPointer<Unmanaged<ViewConditions>>
    private let metadata: MetadataSource?

    init(_ name: String, _ conditions: [ViewConditions], metadata: MetadataSource?) {
        viewName = name
        self.metadata = metadata
        self.conditions = .allocate(capacity: conditions.count)
        _ = self.conditions.initialize(from: conditions.map { .passRetained($0) })
    }

    deinit {
        for condition in conditions { condition.release() }
        conditions.deallocate()
    }

    func accepts(_ query: inout Query) -> Bool {
        metadata?.open(to: &query)
        let isTaken = conditions[query.worker.index]._withUnsafeGuaranteedRef { $0.areTrue(of: &query) }
        metadata?.close(to: &query)
        return isTaken
    }
}

extension ViewPlugin: MetadataProviding {
    var metadataScope: String { ViewKind.name }

    func metadata(_ name: String, of query: inout Query) -> String? { name == "name" ? viewName : nil }
}

/// The expressions of a view, for one worker.
final class ViewConditions {
    private let library = QueryLibrary()
    private let expressions: [Expression]

    /// Of texts that were checked before.
    init(_ texts: [ExpressionWords]) {
        var diagnostics = Diagnostics()
        var expressions: [Expression] = []
        for text in texts {
            guard let expression = text.read(library, &diagnostics) else { continue }
            expressions.append(expression)
        }
        self.expressions = expressions
    }

    /// Whether all are.
    func areTrue(of query: inout Query) -> Bool {
        withUnsafeMutablePointer(to: &query) { query in
            let host = QueryHost(query: query, library: library)
            return expressions.allSatisfy { $0.isTrue(host) }
        }
    }
}
