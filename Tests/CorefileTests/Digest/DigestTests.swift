@testable import Corefile
import Testing

@Suite("digest of a Corefile")
struct DigestTests {
    /// Of so many letters a, but for `abc`; from another implementation.
    static let knownHashes: [(Int, String)] = [
        (
            0,
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
                + "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
        ),
        (
            3,
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            110,
            "c825949632e509824543f7eaf159fb6041722fce3c1cdcbb613b3d37ff107c51"
                + "9417baac32f8e74fe29d7f4823bf6886956603dca5354a6ed6e4a542e06b7d28"
        ),
        (
            111,
            "fa9121c7b32b9e01733d034cfc78cbf67f926c7ed83e82200ef8681819692176"
                + "0b4beff48404df811b953828274461673c68d04e297b0eb7b2b4d60fc6b566a2"
        ),
        (
            112,
            "c01d080efd492776a1c43bd23dd99d0a2e626d481e16782e75d54c2503b5dc32"
                + "bd05f0f1ba33e568b88fd2d970929b719ecbb152f58f130a407c8830604b70ca"
        ),
        (
            127,
            "828613968b501dc00a97e08c73b118aa8876c26b8aac93df128502ab360f91ba"
                + "b50a51e088769a5c1eff4782ace147dce3642554199876374291f5d921629502"
        ),
        (
            128,
            "b73d1929aa615934e61a871596b3f3b33359f42b8175602e89f7e06e5f658a24"
                + "3667807ed300314b95cacdd579f3e33abdfbe351909519a846d465c59582f321"
        ),
        (
            129,
            "4f681e0bd53cda4b5a2041cc8a06f2eabde44fb16c951fbd5b87702f07aeab61"
                + "1565b19c47fde30587177ebb852e3971bbd8d3fd30da18d71037dfbd98420429"
        ),
        (
            1000,
            "67ba5535a46e3f86dbfbed8cbbaf0125c76ed549ff8b0b9e03e0c88cf90fa634"
                + "fa7b12b47d77b694de488ace8d9a65967dc96df599727d3292a8d9d447709c97"
        ),
    ]

    @Test("is SHA-512, whatever the length is", arguments: knownHashes)
    func isSHA512(length: Int, hash: String) {
        let message = length == 3 ? Array("abc".utf8) : [UInt8](repeating: UInt8(ascii: "a"), count: length)
        #expect(SHA512.hex(message) == hash)
    }

    private func digest(_ text: String, _ environment: [String: String] = [:]) -> String {
        Corefile.parse(text: text, file: "Corefile", environment: Environment(environment)).corefile.digest
    }

    private static let plain = ".:53 {\n    hosts {\n        10.0.0.1 a.test\n    }\n    whoami\n}\n"

    @Test(
        "is the same whatever comments, white space and quotes there are",
        arguments: [
            "# nothing\n.:53 {\n  hosts {\n  10.0.0.1   a.test # here\n }\n\n\n whoami\n}",
            "(h) {\n    hosts {\n        10.0.0.1 a.test\n    }\n}\n.:53 {\n    import h\n    \"whoami\"\n}\n",
            ".:53 {\n    hosts {\n        {$ADDRESS} a.test\n    }\n    whoami\n}\n",
        ])
    func staysTheSame(text: String) {
        #expect(digest(text, ["ADDRESS": "10.0.0.1"]) == digest(Self.plain))
    }

    @Test(
        "is another one for another configuration",
        arguments: [
            "", ".:53 {\n    whoami\n}\n", ".:54 {\n    hosts {\n        10.0.0.1 a.test\n    }\n    whoami\n}\n",
            ".:53 {\n    hosts {\n        10.0.0.2 a.test\n    }\n    whoami\n}\n",
            ".:53 {\n    hosts 10.0.0.1 a.test\n    whoami\n}\n",
            ".:53 {\n    hosts {\n        10.0.0.1 \"a.test whoami\"\n    }\n}\n",
            ".:53 {\n    hosts {\n        10.0.0.1 a.test\n        whoami\n    }\n}\n",
        ])
    func changes(text: String) {
        #expect(digest(text) != digest(Self.plain))
    }
}
