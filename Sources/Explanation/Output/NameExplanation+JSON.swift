import DNSMessage
import Ldns
import YAML

// The keys are a promise: programs read them.

extension NameExplanation {
    /// The explanation for programs, one object on one line. Keys stay; more may come.
    ///
    /// - `question`, `types`: what was asked for.
    /// - `verdict`: `resolves`, `does not resolve` or `unknown`; `summary`: one sentence.
    /// - `asker`: `description`, `search`, `address` (null where it is not known), `ndots`, `origin`, `findings`.
    /// - `sources`: where the cluster is known from, a line each.
    /// - `candidates`: the names in the order of the resolver, each with `name`, `suffix` (null for the name as given),
    ///   `obstacle` (why it is not asked for), `path` (plugins), `form` (what it spells), `answers` and `findings`.
    /// - `answers`: `type`, `outcome` (`records`, `no data`, `name error`, `failure` or `unknown`), `rcode` (null
    ///   without a reply), `reason`, `records` (`name`, `ttl`, `type`, `data`), `exchanges` (`server`, `result`,
    ///   `milliseconds`) and `steps`.
    /// - `steps`: `plugin`, `place` (`Corefile:7`), `act` (one of `PluginStep.Act`), `from` and `to` (what was asked
    ///   for before and after), `dependsOn` (what the outcome goes by besides the question).
    /// - `findings`: `code` (one of `Finding.Code`), `text`, `advice`; the most telling first.
    /// - `notes`: what could not be found out, a sentence each.
    public var json: String {
        JSONOutput.object([
            ("question", JSONOutput.string(question)),
            ("types", JSONOutput.strings(types.map(\.description))),
            ("verdict", JSONOutput.string(verdict.rawValue)),
            ("summary", JSONOutput.string(summary)),
            ("asker", asker.json),
            ("sources", JSONOutput.strings(sources)),
            ("candidates", JSONOutput.array(candidates.map(\.json))),
            ("findings", JSONOutput.array(findings.map(\.json))),
            ("notes", JSONOutput.strings(notes)),
        ])
    }
}

extension JSONOutput {
    static func strings(_ texts: [String]) -> String { array(texts.map(string)) }
}

extension Asker {
    fileprivate var json: String {
        JSONOutput.object([
            ("description", JSONOutput.string(description)),
            ("search", JSONOutput.strings(search.map(\.description))),
            ("address", address.map { JSONOutput.string($0.description) } ?? "null"),
            ("ndots", "\(ndots)"),
            ("origin", JSONOutput.string(origin)),
            ("findings", JSONOutput.array(findings.map(\.json))),
        ])
    }
}

extension Candidate {
    fileprivate var json: String {
        JSONOutput.object([
            ("name", JSONOutput.string(name.description)),
            ("suffix", suffix.map { JSONOutput.string($0.description) } ?? "null"),
            ("obstacle", JSONOutput.string(obstacle)),
            ("path", JSONOutput.strings(path)),
            ("form", JSONOutput.string(form)),
            ("answers", JSONOutput.array(answers.map(\.json))),
            ("findings", JSONOutput.array(findings.map(\.json))),
        ])
    }
}

extension TypeAnswer {
    fileprivate var json: String {
        JSONOutput.object([
            ("type", JSONOutput.string(type.description)),
            ("outcome", JSONOutput.string(outcome.rawValue)),
            ("rcode", responseCode.map { JSONOutput.string($0.description) } ?? "null"),
            ("reason", JSONOutput.string(reason)),
            ("records", JSONOutput.array(records.map(\.json))),
            ("exchanges", JSONOutput.array(exchanges.map(\.json))),
            ("steps", JSONOutput.array(steps.map(\.json))),
        ])
    }
}

extension Record {
    fileprivate var json: String {
        JSONOutput.object([
            ("name", JSONOutput.string(name.description)), ("ttl", "\(ttl)"),
            ("type", JSONOutput.string(type.description)), ("data", JSONOutput.string(data.presentation)),
        ])
    }
}

extension Exchange {
    fileprivate var json: String {
        JSONOutput.object([
            ("server", JSONOutput.string(server)), ("result", JSONOutput.string(result)),
            ("milliseconds", "\(milliseconds)"),
        ])
    }
}

extension PluginStep {
    fileprivate var json: String {
        JSONOutput.object([
            ("plugin", JSONOutput.string(plugin)), ("place", JSONOutput.string(place)),
            ("act", JSONOutput.string(act.rawValue)), ("from", JSONOutput.string(from)), ("to", JSONOutput.string(to)),
            ("dependsOn", JSONOutput.strings(dependsOn)),
        ])
    }
}

extension Finding {
    fileprivate var json: String {
        JSONOutput.object([
            ("code", JSONOutput.string(code.rawValue)), ("text", JSONOutput.string(text)),
            ("advice", JSONOutput.string(advice)),
        ])
    }
}
