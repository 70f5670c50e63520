import ClusterIndex
import KubernetesWatch
import Testing

@Suite("JSON as it may be written") struct JSONSyntaxTests {
    private static func watch(_ text: String) -> Transcript {
        let stream = Stream(.json, .watch, .namespace)
        let transcript = Transcript(stream, Array(text.utf8))
        #expect(Transcript(stream, Array(text.utf8), chunk: 1) == transcript)
        return transcript
    }

    private static func list(_ text: String) -> Transcript {
        let stream = Stream(.json, .list, .namespace)
        let transcript = Transcript(stream, Array(text.utf8))
        #expect(Transcript(stream, Array(text.utf8), chunk: 1) == transcript)
        return transcript
    }

    @Test(
        "in a watch",
        arguments: [
            ("", []), (" \n\r\n\t", []),
            ("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\"}}}", ["upsert a "]),
            ("{\"object\":{\"metadata\":{\"name\":\"a\"}},\"type\":\"ADDED\"}", ["upsert a "]),
            (
                "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\"}}}"
                    + "{\"type\":\"DELETED\",\"object\":{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"2\"}}}",
                ["upsert a ", "delete a 2"]
            ),
            (
                """
                {
                  "type" : "MODIFIED" ,
                  "object" : {
                    "metadata" : { "name" : "a" , "x" : [ 1 , { } , [ ] , "]" , -1.5e-3 , false ] }
                  }
                }
                """, ["upsert a "]
            ),
            // The last of several counts.
            (
                "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\"}},\"type\":\"DELETED\"}", ["delete a "]
            ),
            (
                "{\"object\":{},\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\",\"name\":\"b\"}}}",
                ["upsert b "]
            ),
            // Whatever else there may be.
            (
                "{\"a\\\"b\":\"}\\\\\",\"type\":\"ADDED\",\"x\":null,\"object\":"
                    + "{\"metadata\":{\"name\":\"a\"}},\"y\":[{}]}",
                ["upsert a "]
            ),
            (
                "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Other\",\"metadata\":{\"resourceVersion\":\"9\"}}}",
                ["bookmark 9"]
            ),
            (
                "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"9\",\"annotations\":"
                    + "{\"a\":\"b\",\"k8s.io/initial-events-end\":\"true\"}}}}",
                ["bookmark 9 end"]
            ),
            (
                "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"9\",\"annotations\":"
                    + "{\"k8s.io/initial-events-end\":\"false\"}}}}",
                ["bookmark 9"]
            ),
        ])
    func watches(text: String, expected: [String]) {
        let transcript = Self.watch(text)
        #expect(transcript.items.map(\.words) == expected)
        #expect(transcript.fault == nil)
    }

    @Test(
        "in strings",
        arguments: [
            (#"a"#, "a"), (#"\u0061\u00e4\u20AC"#, "aä€"), (#"\ud83d\ude00"#, "😀"), (#"ä€😀"#, "ä€😀"),
            (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{C}\n\r\t"), (#"12345678\u0000"#, "12345678\0"),
            (#"a name of more than fifteen bytes\n"#, "a name of more than fifteen bytes\n"),
        ])
    func strings(text: String, expected: String) {
        let transcript = Self.watch("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"n\\u0061me\":\"\(text)\"}}}")
        #expect(transcript.items == [.upsert(.namespace(Namespace(name: expected)), ResourceVersion(""))])
    }

    @Test(
        "in strings that are no text", arguments: [#"\ud83d"#, #"\ude00"#, #"\ud83dx"#, #"\ud83d\n"#, #"\ud83d\ud83d"#])
    func surrogates(text: String) {
        let transcript = Self.watch("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"\(text)\"}}} ")
        #expect(transcript.items.map(\.words) == ["unusable ? : metadata.name is not UTF-8"])
        #expect(transcript.fault == nil)
    }

    @Test("in bytes that are no text", arguments: [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80]] as [[UInt8]])
    func invalidUTF8(name: [UInt8]) {
        let head = "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"resourceVersion\":\"3\",\"name\":\""
        let body = Array(head.utf8) + name + Array("\"}}}".utf8)
        let items = Transcript(Stream(.json, .watch, .namespace), body).items
        #expect(items.map(\.words) == ["unusable ? : metadata.name is not UTF-8"])
        // Where nobody needs the text, it does no harm.
        let skipped =
            Array("{\"type\":\"ADDED\",\"object\":{\"x\":\"".utf8) + name
            + Array("\",\"metadata\":{\"name\":\"a\"}}}".utf8)
        #expect(Transcript(Stream(.json, .watch, .namespace), skipped).items.map(\.words) == ["upsert a "])
    }

    @Test(
        "in a list",
        arguments: [
            ("{\"kind\":\"NamespaceList\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[]}", ["list 7"]),
            ("{\"kind\":\"NamespaceList\",\"items\":null,\"metadata\":{}}", ["list "]),
            ("{\"kind\":\"NamespaceList\",\"items\":null,\"metadata\":null} \n", ["list "]),
            (
                "{\"apiVersion\":\"v1\",\"items\":[{\"metadata\":{\"name\":\"a\"}}, {\"metadata\":{\"name\":\"b\"}}],"
                    + "\"kind\":\"NamespaceList\",\"metadata\":{\"continue\":\"x\",\"resourceVersion\":\"7\"}}",
                ["upsert a ", "upsert b ", "list 7 continue"]
            ),
            (
                "{\"kind\":\"NamespaceList\",\"items\":[{\"metadata\":{}},7,null,{\"metadata\":{\"name\":\"b\"}}]}",
                [
                    "unusable ? : the object has no name", "unusable ? : the object must be an object",
                    "unusable ? : the object is null", "upsert b ", "list ",
                ]
            ),
            (
                "{ \"kind\" : \"NamespaceList\" , \"x\" : [ { \"items\" : [ ] } ] , \"y\" : 12 , \"z\" : \"]\" }",
                ["list "]
            ),
            (
                "{\"kind\":\"NamespaceList\",\"metadata\":{\"resourceVersion\":\"7\"},\"metadata\":"
                    + "{\"resourceVersion\":\"8\"}}",
                ["list 8"]
            ),
            ("{\"reason\":\"Gone\",\"code\":410,\"details\":null,\"kind\":\"Status\"}", ["status 410 Gone"]),
        ])
    func lists(text: String, expected: [String]) {
        let transcript = Self.list(text)
        #expect(transcript.items.map(\.words) == expected)
        #expect(transcript.fault == nil)
    }

    @Test(
        "and as it may not, in a watch",
        arguments: [
            ("x", "an event does not begin with a brace"), ("[]", "an event does not begin with a brace"),
            ("{\"type\":\"ADDED\",\"object\":{}},", "an event does not begin with a brace"),
            ("{type:1}", "byte 1 of an object should be a key"), ("{\"a\" 1}", "byte 5 of an object should be a colon"),
            ("{\"a\":1 \"b\":2}", "byte 7 of an object should be a comma"),
            ("{\"a\":}", "byte 5 of an object should be a value"),
            ("{\"a\":1,}", "byte 7 of an object should be a key"),
            ("{]", "byte 1 of an object should be a key"),
            (
                "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"\\q\"}}}",
                "a backslash in a string means nothing"
            ),
            (
                "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"\\u12\"}}}",
                "a backslash in a string means nothing"
            ),
            ("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":a}}}", nil),
        ] as [(String, String?)])
    func brokenWatches(text: String, complaint: String?) {
        let transcript = Self.watch(text)
        let fault = complaint.map { DecodingFault("the response is not JSON: \($0)") }
        #expect(transcript.fault == fault)
        // What follows a broken event is not looked at; a word in place of a name is only that object's mistake.
        if fault == nil { #expect(transcript.items.map(\.words) == ["unusable ? : metadata.name must be a string"]) }
    }

    @Test(
        "and as events may not be",
        arguments: [
            ("{\"type\":\"ADDED\"}", "an event without an object"), ("{\"object\":{}}", "an event without a type"),
            ("{}", "an event without a type"),
            ("{\"type\":\"GONE\\n\",\"object\":{}}", "an event of the unknown type \"GONE?\""),
            ("{\"type\":\"BOOKMARK\",\"object\":{}}", "a bookmark without a resourceVersion"),
            ("{\"type\":\"ERROR\",\"object\":{\"kind\":\"Pod\"}}", "an ERROR event without a Status"),
        ])
    func wrongEvents(text: String, complaint: String) {
        let transcript = Self.watch(text)
        #expect(transcript.fault?.description == "the response has \(complaint)")
        #expect(transcript.items.isEmpty)
    }

    @Test(
        "and as it may not, in a list",
        arguments: [
            ("{}", "the response does not say of what kind it is"),
            ("[]", "the response is not JSON: \"[\" is out of place in a list"),
            ("{\"kind\":\"NamespaceList\"}{", "the response is not JSON: \"{\" is out of place in a list"),
            ("{\"kind\":\"NamespaceList\"", "the response ends in the middle"), ("", "the response ends in the middle"),
            ("{\"kind\":\"NamespaceList\",}", "the response is not JSON: a value is missing"),
            ("{\"kind\":\"NamespaceList\",\"items\":[,]}", "the response is not JSON: a value is missing"),
            ("{\"kind\":\"NamespaceList\",\"items\":[}", "the response is not JSON: a value is missing"),
            ("{\"kind\":\"NamespaceList\",\"items\":{}}", "items must be an array"),
            ("{\"kind\":\"NamespaceList\",\"items\":[{\"a\"}]}", nil),
            ("{\"kind\":7}", "kind must be a string"),
        ] as [(String, String?)])
    func brokenLists(text: String, fault: String?) {
        let transcript = Self.list(text)
        let expected = fault ?? "the response is not JSON: byte 4 of an object should be a colon"
        #expect(transcript.fault?.description == expected)
        #expect(transcript.items.isEmpty)
    }
}
