import DNSMessage
import PluginKit

/// What a weight file says: how much of the load each address of a name is to have.
final class AddressWeights: AddressWeighing, Sendable {
    /// The weight of what the file does not name.
    static let usualWeight = 1

    private let names: ZoneSet
    /// By the index of the name.
    private let weights: [[(address: IPAddress, weight: Int)]]

    init(_ entries: [(name: Name, weights: [(address: IPAddress, weight: Int)])]) {
        names = ZoneSet(entries.map(\.name))
        weights = entries.map(\.weights)
    }

    func weight(of record: RecordView) -> Int {
        var scratch = NameScratch()
        guard let owner = scratch.read(record.message, at: record.ownerOffset)?.name, let index = names.exact(owner),
            let data = record.dataBytes.baseAddress
        else { return Self.usualWeight }
        let address = record.type == .a ? IPAddress(v4: data.bigEndian32(0)) : IPAddress(v6At: data)
        for entry in weights[index] where entry.address == address { return entry.weight }
        return Self.usualWeight
    }
}

extension ZoneSet {
    /// The zone that is the name itself.
    fileprivate func exact(_ name: NameView) -> Int? {
        closest(name).flatMap { zones[$0].labelCount == name.labelCount ? $0 : nil }
    }
}
