import DNSMessage
import Ldns
import Testing

@Suite("reading the files of a zone")
struct ZoneFileReaderTests {
    /// Reads `zone` among files that are texts.
    private func read(_ files: [String: String], _ file: String = "zones/zone") -> ZoneFileReader.Reading {
        ZoneFileReader.read(Array(files[file, default: ""].utf8), file: file, origin: "example.org") {
            path throws(ZoneFileReader.Unreadable) in
            guard let text = files[path] else { throw ZoneFileReader.Unreadable("no such file or directory") }
            return Array(text.utf8)
        }
    }

    private func lines(_ reading: ZoneFileReader.Reading) -> [String] {
        reading.records.map { $0.presentation.replacing("\t", with: " ") }
    }

    @Test("puts the records of an included file in its place, and leaves origin and owner as they were")
    func includes() {
        let reading = read([
            "zones/zone": "$TTL 60\na A 10.0.0.1\n$INCLUDE more\n$INCLUDE \"more\" sub\n AAAA ::1\n",
            "zones/more": "@ TXT x\nb 5 A 10.0.0.2\n$ORIGIN elsewhere.test.\nc A 10.0.0.3\n",
        ])
        #expect(reading.mistakes == [])
        #expect(
            lines(reading) == [
                "a.example.org. 60 IN A 10.0.0.1",
                "example.org. 60 IN TXT \"x\"", "b.example.org. 5 IN A 10.0.0.2", "c.elsewhere.test. 60 IN A 10.0.0.3",
                "sub.example.org. 60 IN TXT \"x\"", "b.sub.example.org. 5 IN A 10.0.0.2",
                "c.elsewhere.test. 60 IN A 10.0.0.3",
                "a.example.org. 60 IN AAAA ::1",
            ])
        #expect(reading.location(ofRecord: 2).description == "zones/more:2")
        #expect(reading.location(ofRecord: 7).description == "zones/zone:5")
    }

    @Test("ends files that include each other, and tells of those that are not there")
    func includesInVain() {
        let loop = read(["zones/zone": "$TTL 1\n$INCLUDE zone\nx A 10.0.0.1\n"])
        #expect(loop.mistakes.map(\.description) == ["zones/zone:2: $INCLUDE is nested more than 7 deep"])
        let missing = read(["zones/zone": "$INCLUDE /nowhere\n$INCLUDE\n"])
        #expect(
            missing.mistakes.map(\.description) == [
                "zones/zone:1: cannot include /nowhere: no such file or directory",
                "zones/zone:2: $INCLUDE needs a file and at most one origin",
            ])
    }

    @Test(
        "makes records by $GENERATE",
        arguments: [
            ("1-3 h$ A 10.0.0.$", ["h1 A 10.0.0.1", "h2 A 10.0.0.2", "h3 A 10.0.0.3"]),
            ("0-4/2 h$ 7 IN A 10.0.0.$", ["h0 A 10.0.0.0", "h2 A 10.0.0.2", "h4 A 10.0.0.4"]),
            ("9-10 h${1,3} A 10.0.0.$", ["h010 A 10.0.0.9", "h011 A 10.0.0.10"]),
            ("254-255 h${0,4,X} CNAME t${-250,0,d}", ["h00FE CNAME t4.example.org.", "h00FF CNAME t5.example.org."]),
            ("8-8 h${0,0,o} TXT \\$$$", ["h10 TXT \"$$\""]),
        ])
    func generates(_ line: String, _ wanted: [String]) {
        let reading = read(["zones/zone": "$TTL 60\n$GENERATE \(line)\n"])
        #expect(reading.mistakes == [])
        #expect(
            reading.records.map { "\($0.name) \($0.type) \($0.data.presentation)" }
                == wanted.map { line in
                    let words = line.split(separator: " ", maxSplits: 1)
                    return "\(words[0]).example.org. \(words[1])"
                })
    }

    @Test(
        "refuses what $GENERATE cannot be",
        arguments: [
            ("1-2 h$ A", "needs a range, an owner, a type and data"),
            ("2-1 h$ A 10.0.0.$", "has the range '2-1', which is not START-STOP or START-STOP/STEP"),
            ("1-2/0 h$ A 10.0.0.$", "has the range '1-2/0', which is not START-STOP or START-STOP/STEP"),
            ("0-65536 h$ A 10.0.0.1", "makes more than 65536 records"),
            ("1-2 h${ A 10.0.0.$", "has a '${' without '}'"),
            (
                "1-2 h${-2} A 10.0.0.$",
                "has '${-2}', which is not ${OFFSET,WIDTH,BASE} with a base d, o, x or X"
            ),
        ])
    func refusesGenerating(_ line: String, _ reason: String) {
        let reading = read(["zones/zone": "$TTL 60\n$GENERATE \(line)\n"])
        #expect(reading.mistakes.map(\.reason.description).first == "$GENERATE \(reason)")
    }

    @Test("tells of every mistake with its place, and of no more than twenty")
    func tellsAll() {
        let reading = read([
            "zones/zone": "$TTL 60\na A 10.0.0.256\nb A 10.0.0.1\nc MX (\nx\n)\nd TXT \"open\ne FOO x\n) f A 10.0.0.1\n"
        ])
        #expect(reading.mistakes.map(\.location.line) == [2, 4, 7, 8, 9])
        #expect(lines(reading).contains("b.example.org. 60 IN A 10.0.0.1"))
        let many = read(["zones/zone": String(repeating: "a A x\n", count: 100)])
        #expect(many.mistakes.count == 20)
        let zeros = read(["zones/zone": String(repeating: "\0", count: 100)])
        #expect(zeros.mistakes.count == 20)
    }
}
