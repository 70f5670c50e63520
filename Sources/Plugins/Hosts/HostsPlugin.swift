import DNSMessage
import PluginKit

/// Answers from two tables: that of the file, which may be replaced, and that of the Corefile.
final class HostsPlugin: QueryHandling {
    private let zones: ZoneSet
    private let ttl: UInt32
    private let fallthroughZones: Fallthrough
    private let passesOnOtherTypes: Bool
    private let inline: HostsTable
    private let file: Published<HostsTable>
    private let reader: Published<HostsTable>.Reader

    init(_ options: HostsOptions, workers: Int) {
        zones = ZoneSet(options.zones)
        ttl = options.ttl
        fallthroughZones = options.fallthroughZones
        passesOnOtherTypes = options.unsupportedLine != nil
        // Lines of the Corefile cannot be more than a Corefile holds, which is far below the limit.
        let text = Array(options.inline.joined(separator: "\n").utf8)
        let reading = try? HostsText.read(text, in: zones, hasReverse: options.hasReverse)
        inline = reading?.table ?? .empty
        file = Published(.empty, workers: workers)
        reader = file.reader
    }

    /// Records that came from the Corefile.
    var inlineCount: Int { inline.recordCount }

    /// Shows all workers another table. One writer at a time.
    func publish(_ table: HostsTable) { file.publish(table) }

    func onQuery(_ query: inout Query) -> Verdict {
        let isPointer = query.question.type == .ptr
        // Reverse zones need not be among the zones.
        guard isPointer || zones.closest(query.question.name) != nil else { return .next }
        return reader.read(query.worker) { table in
            let view = table.pointee.view
            return isPointer ? answerPointer(&query, view) : answer(&query, view)
        }
    }

    /// An address without names is for the next plugin in any case.
    private func answerPointer(_ query: inout Query, _ view: HostsView) -> Verdict {
        guard let address = ReverseName.address(of: query.question.name) else { return .next }
        addHosts(at: address, &query, view)
        addHosts(at: address, &query, inline.view)
        guard query.response.writer.answerCount > 0 else { return .next }
        query.response.flags.isAuthoritative = true
        return .reply
    }

    private func addHosts(at address: IPAddress, _ query: inout Query, _ view: HostsView) {
        let owner = query.question.name.foldedOwner
        for offset in view.hosts(at: address) {
            query.response.writer.addName(owner, .ptr, .wire(view.wire + Int(offset)), ttl: ttl)
        }
    }

    private func answer(_ query: inout Query, _ view: HostsView) -> Verdict {
        switch query.question.type {
        case .a:
            addAddresses(.v4, &query, view)
            addAddresses(.v4, &query, inline.view)
        case .aaaa:
            addAddresses(.v6, &query, view)
            addAddresses(.v6, &query, inline.view)
        default:
            if passesOnOtherTypes, fallthroughZones.applies(to: query.question.name) { return .next }
        }
        guard query.response.writer.answerCount > 0 || isKnown(query.question.name, view) else {
            return deny(&query)
        }
        query.response.flags.isAuthoritative = true
        return .reply
    }

    private func addAddresses(_ family: IPAddress.Family, _ query: inout Query, _ view: HostsView) {
        let owner = query.question.name.foldedOwner
        for address in view.addresses(of: query.question.name, family) {
            query.response.writer.addAddress(owner, address, ttl: ttl)
        }
    }

    private func isKnown(_ name: NameView, _ view: HostsView) -> Bool {
        view.has(name) || inline.view.has(name)
    }

    /// There is no SOA record to deny a name with (RFC 2308 §3).
    private func deny(_ query: inout Query) -> Verdict {
        if fallthroughZones.applies(to: query.question.name) { return .next }
        query.response.explain(.other, "the name is not in the hosts table")
        return .fail(.servFail)
    }
}

extension HostsView {
    /// Whether a name has an address of any family.
    fileprivate func has(_ name: NameView) -> Bool {
        !addresses(of: name, .v4).isEmpty || !addresses(of: name, .v6).isEmpty
    }
}

extension NameView {
    /// The name as an owner in lower case, as the table has it.
    fileprivate var foldedOwner: WrittenName {
        equalBytes(spelled, folded, count: length) ? .question : .wire(folded)
    }
}

extension HostsPlugin: AnsweringFromMemory {
    /// None: reverse names that it does not know go on in any case.
    var ownZones: [Name] { [] }
}
