import Corefile
import Dispatch
import Instance
import Locking
import Logging
import PluginKit
import Synchronization

/// Goes over from one configuration to the next, as SIGUSR1 and the plugin `reload` want it.
extension ServerRun: CorefileKeeping {
    var canChange: Bool { source.withLock { $0.canChange } }

    func look() -> CorefileLook {
        do throws(CorefileSource.Failure) {
            let (text, file) = try readSource()
            return Configuration.look(text: text, file: file, setting)
        } catch {
            return CorefileLook(.unreadable(error.description), directories: [])
        }
    }

    func reload(_ done: @escaping @Sendable (ReloadOutcome) -> Void) {
        work.async { [self] in
            guard instance != nil, !isEnding.load(ordering: .acquiring) else { return }
            done(replaceInstance())
        }
    }

    func readSource() throws(CorefileSource.Failure) -> (text: String, file: String) {
        try source.withLock { source throws(CorefileSource.Failure) in try source.read() }
    }

    /// Serves the Corefile as it is now; one that is wrong changes nothing.
    private func replaceInstance() -> ReloadOutcome {
        let input: (text: String, file: String)
        do throws(CorefileSource.Failure) {
            input = try readSource()
        } catch {
            return .unreadable("loading updated Corefile: \(error.description)")
        }
        log.info("Reloading")
        // At a start nothing stands for the built-in Corefile. Later it is an accident, or not yet written.
        let look = Configuration.look(text: input.text, file: input.file, setting)
        if case .nothing = look.found {
            let reason = "\(input.file) is empty"
            reportFailedReload([reason])
            return .failed(reason, digest: look.digest)
        }
        let (configuration, diagnostics) = Configuration.load(text: input.text, file: input.file, setting)
        guard let configuration else {
            reportFailedReload(diagnostics.rendered())
            return .failed(diagnostics.firstError ?? "the Corefile has mistakes", digest: look.digest)
        }
        for line in diagnostics.rendered() { log.warning("\(line)") }
        return replaceInstance(by: configuration)
    }

    private func replaceInstance(by configuration: Configuration) -> ReloadOutcome {
        do throws(Instance.Failure) {
            instance = try instance?.replaced(by: configuration) { [self] in isEnding.load(ordering: .acquiring) }
            log.info("Reloading complete")
            return .done
        } catch {
            reportFailedReload([error.description])
            if error.isTemporary { return .notYet(error.description) }
            return .failed(error.description, digest: configuration.digest)
        }
    }

    private func reportFailedReload(_ lines: [String]) {
        log.error("Restart failed: \(lines.first ?? "")")
        for line in lines.dropFirst() { log.error("\(line)") }
        log.info("the last configuration goes on")
    }
}
