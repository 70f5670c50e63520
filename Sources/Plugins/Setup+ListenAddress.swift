import AdminHTTP
import Corefile
import PluginKit

extension Setup {
    /// The address on which a plugin answers over HTTP: the only argument of its line, or `standard` without one.
    /// Nil after reporting what is wrong.
    mutating func listenAddress(_ line: Directive, standard: ListenAddress, usage: String) -> ListenAddress? {
        guard line.hasArguments(0...1, usage: usage, &diagnostics) else { return nil }
        guard let word = line.arguments.first else { return standard }
        do throws(ListenAddressError) {
            return try ListenAddress(word.text)
        } catch {
            let isPort = UInt16(word.text) != nil
            diagnostics.error(
                at: word, error.description, hint: isPort ? "did you mean ':\(word.text)'?" : "usage: \(usage)")
            return nil
        }
    }

    /// The HTTP server of the process, which `health`, `ready` and `prometheus` share.
    var adminServer: AdminServer { lasting.object("admin") { AdminServer() } }
}
