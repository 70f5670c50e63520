/// A parsed configuration: server blocks in the order of the text, imports, snippets and environment already expanded.
public struct Corefile: Sendable, Equatable {
    /// The server blocks in the order of the text; none at all is legal and stands for the built-in default.
    public var blocks: [ServerBlock]

    /// Makes a configuration of ready blocks.
    public init(blocks: [ServerBlock] = []) {
        self.blocks = blocks
    }

    /// Reads a whole Corefile and collects every mistake in it, instead of stopping at the first.
    ///
    /// What could be understood is in `corefile` even when there are errors, so that the plugins can look for mistakes
    /// of their own in the same run; serve it only if `diagnostics.hasErrors` is false.
    /// - Parameter file: the name shown in messages; relative imports start in its directory.
    /// - Parameter directives: the names that a server block may use; nil lets every name pass.
    public static func parse(
        text: String,
        file: String,
        environment: Environment = .process,
        files: any FileSource = DiskFiles(),
        directives: DirectiveNames? = nil
    ) -> (corefile: Corefile, diagnostics: Diagnostics) {
        var parser = Parser(environment: environment, files: files, directives: directives)
        parser.parse(text: text, file: file)
        return (Corefile(blocks: parser.blocks), parser.diagnostics)
    }
}
