import DNSMessage
import HostFiles
import PluginKit

/// Reads the text of a hosts file into a table.
struct HostsText: ~Copyable {
    /// What came of a text.
    struct Reading {
        let table: HostsTable
        /// Lines, or parts of them, that were passed over.
        let mistakes: Int
        /// The first of them, with the number of its line.
        let firstMistake: String?
    }

    /// The text has more names than a table takes.
    struct TooManyNames: Error {}

    private let zones: ZoneSet
    private let namesMax: Int
    private var builder: HostsTableBuilder
    private var scratch = NameScratch()
    private var mistakes = 0
    private var firstMistake: String?

    static func read(
        _ text: [UInt8], in zones: ZoneSet, hasReverse: Bool, namesMax: Int = HostsLimits.namesMax
    ) throws(TooManyNames) -> Reading {
        var reader = HostsText(
            zones: zones, namesMax: namesMax, builder: HostsTableBuilder(hasReverse: hasReverse))
        try reader.read(text)
        return Reading(
            table: HostsTable(reader.builder), mistakes: reader.mistakes, firstMistake: reader.firstMistake)
    }

    private init(zones: ZoneSet, namesMax: Int, builder: HostsTableBuilder) {
        self.zones = zones
        self.namesMax = namesMax
        self.builder = builder
    }

    private mutating func read(_ text: [UInt8]) throws(TooManyNames) {
        var rest = text[...]
        var number = 0
        while !rest.isEmpty {
            let line = rest.prefix { $0 != UInt8(ascii: "\n") }
            rest = rest.dropFirst(line.count + 1)
            number += 1
            do throws(HostsLine.Mistake) {
                if let line = try HostsLine(line) { add(line, number) }
            } catch {
                note(error, number)
            }
            guard builder.count <= namesMax else { throw TooManyNames() }
        }
    }

    private mutating func add(_ line: HostsLine, _ number: Int) {
        for word in line.names {
            do throws(HostsLine.Mistake) {
                let name = scratch.read(try HostsLine.name(word))
                if zones.closest(name) != nil { builder.add(line.address, name) }
            } catch {
                note(error, number)
            }
        }
    }

    private mutating func note(_ mistake: HostsLine.Mistake, _ line: Int) {
        mistakes += 1
        firstMistake = firstMistake ?? "line \(line): \(mistake)"
    }
}
