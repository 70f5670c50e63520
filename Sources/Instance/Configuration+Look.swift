import Corefile
public import PluginKit

extension Configuration {
    /// What a Corefile says, without setting anything up.
    public static func look(text: String, file: String, _ setting: Setting) -> CorefileLook {
        let names = DirectiveNames(known: setting.kinds.map { $0.name }, notBuilt: setting.notBuilt)
        let (corefile, diagnostics) = Corefile.parse(
            text: text, file: file, environment: setting.host.environment, files: setting.files, directives: names)
        let found: CorefileLook.Found =
            if let error = diagnostics.firstError {
                .broken(error)
            } else if corefile.blocks.isEmpty {
                .nothing
            } else {
                .digest(corefile.digest)
            }
        return CorefileLook(found, directories: diagnostics.directories)
    }
}
