import DNSMessage

extension PluginStep {
    /// Whether it ended the way down.
    var isDecision: Bool {
        switch act {
        case .answered, .refused, .dropped: true
        case .passed, .askedOtherwise, .changed, .forwarded, .followed, .nobody, .unknown: false
        }
    }

    /// What is worth telling of it, whatever comes of the question.
    var findings: [Finding] {
        let depends = dependsOn.map(dependence)
        switch act {
        case .passed, .answered, .forwarded, .followed, .nobody: return depends
        case .refused, .dropped:
            let what = act == .refused ? "refuses" : "leaves without a reply"
            return [
                Finding(
                    .refusedBefore, "\(subject) \(what) the query for \(from)\(asClause).",
                    advice: "Change \(directive), or ask from where it lets queries through.")
            ]
        case .askedOtherwise:
            return [Finding(.rewritten, "\(subject) asks for \(to) in the place of \(from).")] + depends
        case .changed: return [Finding(.rewritten, "\(subject) changes the answer.")] + depends
        case .unknown:
            return [
                Finding(
                    .maybeAnsweredBefore,
                    "\(subject) comes first and may answer or refuse; what it does was not worked out, since it goes "
                        + "by \(Words.list(dependsOn)).")
            ]
        }
    }

    /// The same where it ended the question, and how.
    func finding(_ answer: TypeAnswer, of name: Name, isClusterName: Bool) -> Finding {
        let what = "\(subject) answers \(name.shown)"
        guard answer.outcome != .records else {
            return Finding(.answeredBefore, what + (isClusterName ? ", and kubernetes is not asked." : "."))
        }
        let code = answer.responseCode?.description ?? "nothing"
        let how = answer.outcome == .noData ? "without a record" : "with \(code)"
        return Finding(
            .answeredBefore, "\(what) \(how)\(asClause).",
            advice: "Change \(directive) if another plugin should answer the name.")
    }

    private var subject: String { "The plugin \(directive)" }

    private var asClause: String { dependsOn.isEmpty ? "" : ", which goes by \(Words.list(dependsOn))" }

    private func dependence(_ what: String) -> Finding {
        let text = "What \(directive) does goes by \(what)"
        guard what.hasPrefix("the file") else { return Finding(.dependsOnClient, text + ".") }
        return Finding(.dependsOnFile, text + ", which need not be that of the DNS pods.")
    }
}
