import Corefile
import PluginKit
import Telemetry

/// # multisocket
///
/// Says how many sockets listen on each address of the block.
///
/// ## Syntax
/// ```
/// multisocket [N]
/// ```
/// Without this word every worker, one for each core, has a UDP and a TCP socket of its own, and the kernel spreads
/// clients over them; that is also what the bare word and any `N` (1 to 1024) from the number of workers on mean. With
/// a smaller `N` only so many workers listen. Where several blocks share an address the largest `N` counts.
/// A reload adds sockets and closes none.
///
/// With this word the port may be shared with another server on this machine, which then gets a part of the queries;
/// without it the server refuses to start beside another one.
///
/// ## Examples
/// ```corefile
/// . {
///     multisocket
///     whoami
/// }
/// ```
/// ```corefile
/// . {
///     multisocket 2
///     whoami
/// }
/// ```
enum MultisocketKind: PluginKind {
    /// The word in the Corefile.
    static let name = "multisocket"
    private static let usage = "multisocket [N]"
    private static let range = 1...1024

    /// Sets the option of the block's sockets.
    static func setUp(_ setup: inout Setup) {
        let line = setup.onlyDirective()
        guard line.hasNoBlock(&setup.diagnostics), line.hasArguments(0...1, usage: usage, &setup.diagnostics) else {
            return
        }
        guard let word = line.arguments.first else {
            setup.options.socketCount = setup.metrics.workers
            return
        }
        setup.options.socketCount = word.integer("number of sockets", in: range, &setup.diagnostics)
    }
}
