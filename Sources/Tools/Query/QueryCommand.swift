import ArgumentParser

/// `clusterdns query`: asks a name server, and shows the answer as `dig` does.
struct QueryCommand: ParsableCommand, UsageExitCoding {
    /// Exit codes of `dig`.
    static let usageExitCode: Int32 = 1
    private static let noReplyExitCode: Int32 = 9
    private static let internalExitCode: Int32 = 10

    static let configuration = CommandConfiguration(
        commandName: "query", _superCommandName: "clusterdns",
        abstract: "Ask a name server and show the answer, as dig does.",
        usage: "clusterdns query [@SERVER[:PORT]] [NAME] [TYPE] [CLASS] [OPTION...]",
        discussion: """
            Words may stand in any order. Without a server those of /etc/resolv.conf are
            asked, one after another.

            @SERVER        address or host: 10.96.0.10, 10.96.0.10:53, [::1]:53, dns#53
            -x ADDRESS     the PTR records of an address
            -p PORT        the port of the server (default 53)
            -4, -6         only servers with an address of this family
            -q, -t, -c     the next word is the name, the type or the class
            --json, +json  the answer as JSON (RFC 8427)
            +short         only the data of the answer's records
            +tcp           TCP at once, not only where UDP has no room for the answer
            +ignore        UDP only
            +norecurse, +cdflag, +noadflag, +aaflag
                           set or clear a flag of the query
            +dnssec, +nsid, +nocookie, +bufsize=BYTES, +noedns
                           what the query's OPT record asks for
            +search        use the search list of /etc/resolv.conf for a name
                           without a final dot
            +time=SECONDS  how long to wait in each try (default 5)
            +tries=NUMBER  how often to ask over UDP (default 3)
            +noall, +nocomments, +noquestion, +noanswer, +noauthority,
            +noadditional, +nostats, +nocmd
                           leave parts out; '+noall +answer' shows records only

            Exit codes: 0 a server answered, whatever it said; 1 a wrong command line;
            9 no server answered; 10 any other failure.

            Examples:
              clusterdns query kubernetes.default.svc.cluster.local @10.96.0.10
              clusterdns query -x 10.96.0.1 @10.96.0.10 +short
            """)

    @Argument(parsing: .captureForPassthrough, help: .hidden)
    var words: [String] = []

    func run() throws {
        if words.contains(where: { ["-h", "--help", "-help"].contains($0) }) { throw CleanExit.helpRequest(self) }
        let options: QueryOptions
        let run: QueryRun
        do throws(QueryMistake) {
            options = try QueryWords.read(words)
            run = try QueryRun(options, QueryServer.system)
        } catch {
            Terminal.write("clusterdns query: \(error)", to: .error)
            throw ExitCode(Self.usageExitCode)
        }
        switch run.run() {
        case .answer(let answer, let remarks):
            if options.isJSON { return Terminal.write(QueryJSON.value(answer).text) }
            show(remarks, options)
            DigText.lines(answer, options, cookie: run.cookie).forEach { Terminal.write($0) }
        case .noReply(let remarks):
            show(remarks, options, isFailure: true)
            throw ExitCode(Self.noReplyExitCode)
        case .malformed(let reason, let remarks):
            show(remarks + [reason], options, isFailure: true)
            throw ExitCode(Self.internalExitCode)
        }
    }

    /// What `dig` prints before an answer.
    private func show(_ remarks: [String], _ options: QueryOptions, isFailure: Bool = false) {
        if options.isJSON {
            let list = JSONValue.array(remarks.map { .string($0) })
            return Terminal.write(JSONValue.members(["errors": list]).text)
        }
        if !options.isShort, options.parts.contains(.command) {
            Terminal.write("\n; <<>> clusterdns query <<>> \(words.joined(separator: " "))\n;; global options: +cmd")
        }
        guard isFailure || (!options.isShort && options.parts.contains(.comments)) else { return }
        for remark in remarks { Terminal.write(";; \(remark)") }
    }
}
