import DNSMessage
import Testing

@Suite struct NameTests {
    @Test(
        "reads presentation text",
        arguments: [
            (".", "00"), ("a", "'a' 00"), ("a.", "'a' 00"), ("www.Example.org.", "'www' 'Example' 'org' 00"),
            ("a\\.b.c", "03612e62 'c' 00"), ("a\\\\.c", "02615c 'c' 00"), ("\\097\\000\\255", "036100ff 00"),
            ("\\a\\\"", "026122 00"), ("*.x", "'*' 'x' 00"), ("_http._tcp.x", "'_http' '_tcp' 'x' 00"),
            ("ä", "02c3a4 00"), ("a b", "03612062 00"),
        ])
    func reads(_ text: String, _ wire: String) throws {
        #expect(try Name(text).wire == bytes(wire))
    }

    @Test(
        "refuses text that is no name",
        arguments: [
            ("", NameError.emptyLabel), ("..", .emptyLabel), (".a", .emptyLabel), ("a..b", .emptyLabel),
            ("a..", .emptyLabel), ("\\", .badEscape), ("a\\", .badEscape), ("\\1", .badEscape), ("\\12", .badEscape),
            ("\\256", .badEscape), ("\\2a5", .badEscape), ("\\999", .badEscape),
        ])
    func refuses(_ text: String, _ error: NameError) {
        #expect(throws: error) { try Name(text) }
    }

    @Test("takes a label of 63 bytes and refuses one of 64")
    func labelLimit() throws {
        let label = String(repeating: "x", count: 63)
        #expect(try Name(label).wire.count == 65)
        #expect(throws: NameError.labelTooLong) { try Name(label + "x") }
        // An escape counts as the one byte that it stands for.
        #expect(try Name(String(repeating: "\\120", count: 63)) == Name(label))
    }

    @Test("takes a name of 255 bytes and refuses one of 256")
    func nameLimit() throws {
        let longest = name(ofLength: 255)
        #expect(longest.wire.count == 255)
        #expect(throws: NameError.tooLong) { try Name(longest.description.dropLast() + "x.") }
        #expect(throws: NameError.tooLong) { try Name("y").appending(longest) }
        #expect(try Name("y").appending(name(ofLength: 253)).wire.count == 255)
    }

    @Test("takes 127 labels")
    func labelCountLimit() throws {
        let text = String(repeating: "a.", count: 127)
        let name = try Name(text)
        #expect(name.labelCount == 127)
        #expect(name.wire.count == 255)
        #expect(name.description == text)
        #expect(throws: NameError.tooLong) { try Name(text + "a.") }
    }

    @Test(
        "writes text that reads back",
        arguments: [
            ("00", "."), ("'www' 'X' 00", "www.X."), ("03612e62 00", "a\\.b."), ("02615c 00", "a\\\\."),
            ("0500207fff09 00", "\\000\\ \\127\\255\\009."), ("05223b28 2940 00", "\\\"\\;\\(\\)\\@."),
            ("022427 00", "\\$\\'."),
        ])
    func writes(_ wire: String, _ text: String) throws {
        let name = try Name(text)
        #expect(name.wire == bytes(wire))
        #expect(name.description == text)
    }

    @Test("every byte in a label reads back as written")
    func everyByte() throws {
        for byte in UInt8.min ... .max {
            let name = try Name("a\\\(byte < 10 ? "00" : byte < 100 ? "0" : "")\(byte)b")
            #expect(name.wire == [3, 0x61, byte, 0x62, 0])
            #expect(try Name(name.description).wire == name.wire)
        }
    }

    @Test("compares without regard to the case of ASCII letters only")
    func comparesFolded() {
        #expect(Name("WWW.Example.ORG") == Name("www.eXAMPLE.org"))
        #expect(Name("WWW.Example.ORG").hashValue == Name("www.eXAMPLE.org").hashValue)
        #expect(Name("[x") != Name("{x"))
        #expect(Name("@x") != Name("`x"))
        #expect(Name("Ä") != Name("ä"))
        #expect(Name("a.b") != Name("a\\.b"))
        #expect(Name("WWW.Example").folded.description == "www.example.")
    }

    @Test(
        "knows what lies below what",
        arguments: [
            ("a.b.c", "b.c", true), ("b.c", "b.c", true), ("B.C", "b.c", true), ("xb.c", "b.c", false),
            ("c", "b.c", false), ("a.b.c", ".", true), (".", ".", true), (".", "c", false), ("a.b.d", "b.c", false),
            ("b\\.c", "c", false), ("1b.c", "b.c", false),
        ])
    func subdomains(_ name: Name, _ zone: Name, _ isBelow: Bool) throws {
        #expect(name.isSubdomain(of: zone) == isBelow)
        var scratch = NameScratch()
        let view = scratch.read(name)
        let folded = zone.folded
        let viewSays = folded.wire.withUnsafeBytes { view.isSubdomain(ofFolded: $0, labelCount: folded.labelCount) }
        #expect(viewSays == isBelow)
    }

    @Test("a length byte is no label: the name whose label starts with a zone's bytes is not below it")
    func lengthBytesAreNotText() {
        // The label is 4 bytes long and ends in what looks like the name "c".
        #expect(!Name("ab\\001c").isSubdomain(of: "c"))
    }

    @Test("goes up label by label to the root")
    func parents() {
        #expect(Name("a.b.c").parent == "b.c")
        #expect(Name("c").parent == .root)
        #expect(Name.root.parent == nil)
        #expect(Name.root.labels.isEmpty)
        #expect(Name("a.bc").labels.map(Array.init) == [[0x61], [0x62, 0x63]])
    }

    @Test("a view shows labels, spelling and lower case")
    func views() {
        var scratch = NameScratch()
        let view = scratch.read("Web.Default.SVC")
        #expect(view.description == "Web.Default.SVC.")
        #expect(view.labelCount == 3)
        #expect(view.length == 17)
        #expect(Array(view.label(1)) == Array("default".utf8))
        #expect(Array(view.labels(0..<2)) == bytes("'web' 'default'"))
        #expect((0...3).map { view.start(ofLabel: $0) } == [0, 4, 12, 16])
    }

    @Test("folds eight bytes as it folds one")
    func foldsWords() {
        for byte in UInt8.min ... .max {
            let word = UInt64(byte) &* 0x0101_0101_0101_0101
            #expect(foldedWord(word) == UInt64(foldedByte(byte)) &* 0x0101_0101_0101_0101)
        }
        #expect(foldedWord(0x41FF_5A5B_4061_8041) == 0x61FF_7A5B_4061_8061)
    }
}
