public import ClusterIndex
import Files
public import YAML

/// Reads the Kubernetes objects of one manifest: YAML or JSON, one document or many, lists or not.
///
/// Objects are handed on one by one while the file is read; only one is held at a time.
public enum ManifestReader {
    /// What became of a manifest beside its objects.
    public struct Summary: Sendable {
        /// In the order of the file.
        public var errors: [ManifestError] = []
        /// Objects of kinds that answers are not made from.
        public var skipped = 0
        /// Whether the file was read to its end: false after a fault that made the rest unreadable.
        public var isComplete = true
        /// Objects that were left out because of an error.
        var rejected: [ObjectID] = []
    }

    /// Reads a file as a whole.
    public static func read(path: String) -> (objects: [ClusterObject], errors: [ManifestError], skipped: Int) {
        var objects: [ClusterObject] = []
        let summary = forEachObject(path: path) { object, _ in objects.append(object) }
        return (objects, summary.errors, summary.skipped)
    }

    /// Reads a file; the objects come with the lines they start at.
    public static func forEachObject(path: String, _ body: (_ object: ClusterObject, _ line: Int) -> Void) -> Summary {
        do {
            return forEachObject(in: try RegularFile(path)) { body($0, Int($1.line)) }
        } catch {
            return Summary(errors: [ManifestError(error, of: path)], isComplete: false)
        }
    }

    /// Shows the objects of a file untrimmed, of every kind, each for the time of the call. What cannot be read is
    /// passed over; the errors are told by the other ways to read.
    public static func forEachField(path: String, _ body: (_ object: Field) -> Void) {
        guard let file = try? RegularFile(path) else { return }
        withoutActuallyEscaping(body) { body in
            let input = YAMLInput(.descriptor(file.descriptor))
            var reader = DocumentReader(file: path, input: input, inspect: body) { _, _ in }
            _ = reader.read()
        }
    }

    /// Reads text that is in memory; `name` stands for the path in errors.
    public static func forEachObject(
        bytes: [UInt8], named name: String, _ body: (_ object: ClusterObject, _ line: Int) -> Void
    ) -> Summary {
        forEachObject(in: .bytes(bytes), named: name) { body($0, Int($1.line)) }
    }

    static func forEachObject(in file: borrowing RegularFile, _ body: (ClusterObject, YAMLPosition) -> Void) -> Summary
    {
        forEachObject(in: .descriptor(file.descriptor), named: file.path, body)
    }

    private static func forEachObject(
        in source: YAMLInput.Source, named name: String, _ body: (ClusterObject, YAMLPosition) -> Void
    ) -> Summary {
        withoutActuallyEscaping(body) { body in
            var reader = DocumentReader(file: name, input: YAMLInput(source), handle: body)
            return reader.read()
        }
    }
}
