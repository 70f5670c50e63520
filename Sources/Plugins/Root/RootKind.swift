import Corefile
import Glibc
import PluginKit

/// # root
///
/// Sets the directory that relative file names of the other plugins start from.
///
/// ## Syntax
/// ```
/// root DIRECTORY
/// ```
/// A relative DIRECTORY starts from the working directory of the process. Without `root` all relative file names do. A
/// directory that does not exist yet gives a warning; one that cannot be looked at is an error.
///
/// ## Example
/// ```corefile
/// example.org {
///     root /
///     whoami
/// }
/// ```
enum RootKind: PluginKind {
    static let name = "root"

    static func setUp(_ setup: inout Setup) {
        let directive = setup.onlyDirective()
        guard directive.hasArguments(1...1, usage: "root DIRECTORY", &setup.diagnostics),
            directive.hasNoBlock(&setup.diagnostics)
        else { return }
        let directory = directive.arguments[0]
        setup.options.root = directory.text
        check(directory, &setup.diagnostics)
    }

    private static func check(_ directory: Word, _ diagnostics: inout Diagnostics) {
        var status = stat()
        if stat(directory.text, &status) == 0 {
            guard status.st_mode & S_IFMT != S_IFDIR else { return }
            diagnostics.warning(at: directory, "root path is no directory: \(directory.quoted)")
        } else if errno == ENOENT {
            diagnostics.warning(at: directory, "root path does not exist: \(directory.quoted)")
        } else {
            let reason = String(cString: strerror(errno))
            diagnostics.error(at: directory, "unable to access root path \(directory.quoted): \(reason)")
        }
    }
}
