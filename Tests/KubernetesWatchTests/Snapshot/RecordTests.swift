import ClusterIndex
import Testing

@testable import KubernetesWatch

@Suite("Records of a snapshot")
struct RecordTests {
    @Test("give every field back", arguments: SnapshotObjects.all)
    func everyField(object: ClusterObject) throws {
        var encoder = RecordEncoder()
        encoder.encode(object)
        #expect(!encoder.isTooLarge)
        #expect(try encoder.bytes.withUnsafeBytes(RecordDecoder.decode) == object)
    }

    @Test("that end too early or go on are none", arguments: SnapshotObjects.all)
    func lengths(object: ClusterObject) {
        var encoder = RecordEncoder()
        encoder.encode(object)
        for count in 0..<encoder.bytes.count { #expect(decode(Array(encoder.bytes.prefix(count))) == nil) }
        #expect(decode(encoder.bytes + [0]) == nil)
    }

    @Test(
        "are what the encoder writes and nothing else",
        arguments: [
            ([0, 0, 0], "no such kind"), ([7, 0, 0], "no such kind"), ([1, 1, 0xFF, 0], "a text that is not UTF-8"),
            ([1, 0x80, 0, 0], "a length that could be shorter"), ([1, 2, 0x61], "a text beyond the end"),
            ([1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1], "a length of too many bytes"),
            ([1, 0, 2, 1, 0x62, 0, 1, 0x61, 0], "labels out of order"),
            ([1, 0, 2, 1, 0x61, 0, 1, 0x61, 0], "a label twice"), ([1, 0, 200, 1], "more labels than bytes"),
            ([2, 0, 0, 0, 4, 0, 0, 0, 0, 0], "no such kind of service"),
            ([5, 0, 0, 0, 0, 0, 2], "a flag that is neither set nor not"),
            ([6, 0, 0, 2, 0, 0], "no such kind of import"),
            ([6, 0, 0, 0, 0, 1, 0, 0, 0x82, 0x80, 4], "a port beyond 65535"),
            ([3, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0], "no such type of addresses"),
            ([3, 0, 0, 0, 0, 0, 0, 0, 1, 3, 0, 0, 0], "a condition that is neither"),
            ([3, 0, 0, 0, 0, 0, 0, 0, 1, 0x80, 0, 0, 0], "a bit that means nothing"),
            ([3, 0, 0, 0, 0, 0, 0, 0, 1, 0x40, 0, 0, 0, 0, 0, 0], "texts that are all empty"),
        ] as [([UInt8], String)])
    func strict(bytes: [UInt8], what: String) {
        #expect(decode(bytes) == nil, "\(what)")
    }

    @Test("take the smallest change of those for what they say")
    func neighbours() {
        #expect(decode([6, 0, 0, 0, 0, 1, 0, 0, 0x80, 0x80, 4]) != nil)
        #expect(decode([3, 0, 0, 0, 0, 0, 0, 0, 1, 0x40, 0, 1, 0x68, 0, 0, 0, 0]) != nil)
        #expect(decode([1, 0, 2, 1, 0x61, 0, 1, 0x62, 0]) != nil)
    }

    @Test("do not take more than can be read again")
    func limits() {
        var encoder = RecordEncoder()
        let many = Array(repeating: "", count: SnapshotLimits.elementsMax + 1)
        for (ips, isTooLarge) in [(many, true), (many.dropLast(), false)] {
            encoder.encode(.serviceImport(ServiceImport(key: ObjectKey(name: "i"), ips: Array(ips))))
            #expect(encoder.isTooLarge == isTooLarge)
            #expect((decode(encoder.bytes) == nil) == isTooLarge)
        }
        encoder.encode(
            .namespace(Namespace(name: String(repeating: "a", count: SnapshotLimits.recordBytesMax))))
        #expect(encoder.isTooLarge)
    }

    private func decode(_ bytes: [UInt8]) -> ClusterObject? {
        bytes.withUnsafeBytes { try? RecordDecoder.decode($0) }
    }
}

@Suite("Checksums")
struct ChecksumTests {
    @Test(
        "are those of RFC 3720 B.4, however the bytes are cut",
        arguments: [
            (Array("123456789".utf8), 0xE306_9283), ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43), (Array(0..<32), 0x46DD_794E),
            (Array((0..<32).reversed()), 0x113F_DB5C), ([], 0),
        ] as [([UInt8], UInt32)])
    func known(bytes: [UInt8], expected: UInt32) {
        for cut in 0...bytes.count {
            var checksum = Checksum()
            bytes.withUnsafeBytes { bytes in
                checksum.add(UnsafeRawBufferPointer(rebasing: bytes[..<cut]))
                checksum.add(UnsafeRawBufferPointer(rebasing: bytes[cut...]))
            }
            #expect(checksum.value == expected)
        }
    }
}
