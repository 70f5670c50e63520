/// Bounds of an explanation; each stands for what it protects.
enum Limits {
    /// Suffixes of a search list, as the kubelet allows.
    static var suffixesMax: Int { 32 }
    /// Links of a chain of aliases that are followed.
    static var aliasesMax: Int { 10 }
    /// Stops of one question among the plugins of a block; plugins may ask again and again.
    static var stopsMax: Int { 128 }
    /// Names and addresses listed in a sentence.
    static var listedMax: Int { 6 }
    /// Names that are compared with a mistyped one; a running server answers others meanwhile.
    static var comparedMax: Int { 2_000 }
    /// Letters that a mistyped name may be longer or shorter.
    static var mistypedMax: Int { 3 }
    /// Longest text that is read as an explanation, in bytes.
    static var readBytesMax: Int { 4 << 20 }
}
