import DNSMessage
import PluginKit
@testable import Plugins
import Testing

@Suite("hosts tables")
struct HostsTableTests {
    private static let everywhere = ZoneSet([.root])

    private func addresses(_ table: HostsTable, _ name: Name, _ family: IPAddress.Family) -> [String] {
        var scratch = NameScratch()
        return table.view.addresses(of: scratch.read(name), family).map(\.description)
    }

    @Test("find each of many names, and no other")
    func findsMany() throws {
        let count = 3000
        let lines = (0..<count).map { index in
            let other = index.isMultiple(of: 3) ? "fd00::\(String(index, radix: 16)) host-\(index).test\n" : ""
            let wildcard = index.isMultiple(of: 100) ? "10.9.0.1 *.host-\(index).test\n" : ""
            return "10.0.\(index / 256).\(index % 256) host-\(index).test shared.test\n\(other)\(wildcard)"
        }
        let text = Array(lines.joined().utf8)
        let table = try HostsText.read(text, in: Self.everywhere, hasReverse: true).table
        for index in stride(from: 0, to: count, by: 7) {
            let address = "10.0.\(index / 256).\(index % 256)"
            let name = try Name("HOST-\(index).test")
            #expect(addresses(table, name, .v4) == [address])
            #expect(addresses(table, name, .v6).isEmpty == !index.isMultiple(of: 3))
            #expect(addresses(table, try Name("x.host-\(index).test"), .v4).isEmpty == !index.isMultiple(of: 100))
            #expect(table.view.hosts(at: try #require(IPAddress(address))).count == 2)
        }
        #expect(addresses(table, "shared.test", .v4).count == count)
        #expect(addresses(table, "shared.test", .v4).prefix(2) == ["10.0.0.0", "10.0.0.1"])
        #expect(addresses(table, "host-3000.test", .v4).isEmpty)
        #expect(addresses(table, ".", .v4).isEmpty)
        #expect(table.recordCount == count * 4 + count / 3 * 2 + count / 100)
    }

    @Test("do not grow without bound")
    func isBounded() throws {
        let text = Array("10.0.0.1 a.test b.test\n10.0.0.2 c.test\n".utf8)
        let whole = try HostsText.read(text, in: Self.everywhere, hasReverse: true, namesMax: 3)
        #expect(whole.table.recordCount == 6)
        #expect(throws: HostsText.TooManyNames.self) {
            try HostsText.read(text, in: Self.everywhere, hasReverse: true, namesMax: 2)
        }
    }
}
