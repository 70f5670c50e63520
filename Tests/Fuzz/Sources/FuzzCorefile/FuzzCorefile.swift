import Corefile
import Glibc
public import Harness

/// The parser must survive every text, and what it accepts without an error must be whole.
/// An input is the main file; further files, named 1, 2 and so on, follow after zero bytes.
private func fuzzCorefile(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: start, count: count)
    let parts = bytes.split(separator: 0, maxSplits: 8, omittingEmptySubsequences: false).map(Array.init)
    var (corefile, diagnostics) = Corefile.parse(
        text: String(decoding: parts.first ?? [], as: UTF8.self), file: "Corefile",
        environment: Environment(["A": "a.test", "B": "x { } # \" , b", "P": "5300", "E": ""]),
        files: NumberedFiles(contents: Array(parts.dropFirst())),
        directives: DirectiveNames(known: ["cache", "errors", "hosts", "log", "view", "bind"], notBuilt: ["etcd"]))
    corefile.reportOverlaps(defaultPort: 53, &diagnostics)
    for block in corefile.blocks {
        precondition(!block.keys.isEmpty, "a block has keys")
        for key in block.keys { checkZones(key.zones) }
        for directive in block.directives { readValues(directive, &diagnostics) }
    }
    checkRendering(diagnostics)
    return 0
}

private func checkZones(_ zones: [String]) {
    precondition(!zones.isEmpty, "a key has zones")
    for zone in zones {
        precondition(zone.hasSuffix("."), "a zone ends in a dot")
        let again = try? ZoneName.parse(zone)
        precondition(again == [zone] || zone.utf8.count > 255, "a zone stays what it is")
    }
}

/// Any word may be read as any kind of value.
private func readValues(_ directive: Directive, _ diagnostics: inout Diagnostics) {
    for word in [directive.name] + directive.arguments {
        _ = word.duration(&diagnostics)
        _ = word.integer("number", in: -5...5, &diagnostics)
        if let zones = word.zones(&diagnostics) { checkZones(zones) }
    }
    directive.reportUnknownProperty(among: ["ttl", "fallthrough"], &diagnostics)
    for line in directive.block ?? [] { readValues(line, &diagnostics) }
}

private func checkRendering(_ diagnostics: Diagnostics) {
    precondition(diagnostics.hasErrors || diagnostics.sorted.allSatisfy { $0.severity == .warning })
    for diagnostic in diagnostics.sorted.prefix(20) {
        let lines = diagnostics.rendered(diagnostic)
        precondition(lines.count >= 3 && lines[2].contains("^"), "a diagnostic shows its line")
        precondition(lines.allSatisfy { $0.unicodeScalars.allSatisfy { $0 == "\t" || $0.value >= 32 } })
    }
}

private struct NumberedFiles: FileSource {
    let contents: [[UInt8]]

    func read(_ path: String) throws(FileError) -> [UInt8] {
        guard let number = Int(path), contents.indices.contains(number - 1) else { throw .notFound }
        return contents[number - 1]
    }

    func paths(in directory: String, matching pattern: String) -> [String] {
        contents.indices.map { "\($0 + 1)" }
    }
}

/// What libFuzzer is started from; Harness tells why.
@_cdecl("FuzzCorefile_main")
public func fuzzMain(_ count: CInt, _ arguments: Arguments) -> CInt { runFuzzer(count, arguments, fuzzCorefile) }
