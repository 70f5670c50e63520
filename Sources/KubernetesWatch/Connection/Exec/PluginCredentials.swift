import Dispatch
import Glibc

/// What a credential plugin said last; the plugin is run when that is no longer good. Everything on one queue.
final class PluginCredentials {
    typealias Handler = (Result<RequestCredentials, CredentialFault>) -> Void

    private let plugin: ExecPlugin
    private let queue: DispatchQueue
    private let timeLimit: Duration
    /// Seconds since 1970.
    private let now: () -> Double
    private var kept: ExecCredential?
    /// Those who wait for the run that is under way; none without one.
    private var waiting: [Handler] = []

    init(_ plugin: ExecPlugin, queue: DispatchQueue, timeLimit: Duration, now: @escaping () -> Double) {
        self.plugin = plugin
        self.queue = queue
        self.timeLimit = timeLimit
        self.now = now
    }

    func current(_ handle: @escaping Handler) {
        if let kept, now() < kept.expires - ConnectionLimits.expiryMarginSeconds {
            return handle(.success(kept.credentials))
        }
        guard waiting.count < ConnectionLimits.pluginWaiting else {
            return handle(.failure(fault("is awaited by too many requests")))
        }
        waiting.append(handle)
        if waiting.count == 1 { run() }
    }

    func forget() { kept = nil }

    private func run() {
        do {
            try PluginProcess.run(plugin, queue: queue, timeLimit: timeLimit) { [weak self] outcome in
                self?.ended(outcome)
            }
        } catch {
            deliver(.failure(fault(error)))
        }
    }

    private func ended(_ outcome: PluginProcess.Outcome) {
        guard case .succeeded(let output) = outcome else { return deliver(.failure(fault(outcome.words))) }
        do {
            let credential = try ExecCredential(output, apiVersion: plugin.apiVersion)
            kept = credential
            deliver(.success(credential.credentials))
        } catch {
            deliver(.failure(fault(error.words)))
        }
    }

    private func deliver(_ result: Result<RequestCredentials, CredentialFault>) {
        let handlers = waiting
        waiting = []
        for handle in handlers { handle(result) }
    }

    private func fault(_ words: String) -> CredentialFault {
        CredentialFault("the credential plugin \(plugin.command.inQuotes) \(words)")
    }

    private var hint: String { plugin.installHint.isEmpty ? "" : "; " + plugin.installHint.oneLine }

    private func fault(_ fault: ChildProcess.StartFault) -> CredentialFault {
        switch fault {
        case .failed(let doing, let code):
            self.fault("cannot be run: \(doing): \(String(cString: strerror(code)))")
        case .missing:
            self.fault("is not installed: there is no such command\(hint)")
        }
    }
}
