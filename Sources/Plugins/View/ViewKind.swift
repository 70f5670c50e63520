import Corefile
import Expressions
import PluginKit
import Telemetry

/// # view
///
/// Lets a server block answer only some queries, so that several blocks may have the same zone and port.
///
/// ## Syntax
/// ```
/// view NAME {
///     expr EXPRESSION
/// }
/// ```
/// A query goes to the first block of its zone, in the order of the Corefile, whose expressions are all true; a block
/// without `view` takes every query. Where no block of the zone takes it, those of the next shorter zone are asked,
/// and if none does, the answer is REFUSED. An expression without a value, such as a division by zero, is not true.
/// `NAME` is the label `view` of metrics and the metadata `view/name`.
///
/// ## Expressions
/// Functions of the query:
///
/// - `type()`, `class()`, `name()` (lower case, with a dot at the end): the question, as in `type() == 'AAAA'`
/// - `client_ip()`, `port()`, `server_ip()`, `server_port()`, `proto()` (`'udp'` or `'tcp'`): strings
/// - `id()`, `opcode()`, `size()` (bytes of the query), `bufsize()` (the size the client takes): numbers
/// - `do()`: whether the DO bit is set
/// - `incidr(IP, CIDR)`: whether an address is in a network
/// - `metadata(LABEL)`: a text of metadata, where the block has `metadata`; `''` if there is none
///
/// The language is that of expr-lang: strings in single quotes, in which a backslash is written twice; numbers; lists
/// in brackets and ranges such as `1..5`; `let NAME = VALUE; …`; `==` `!=` `<` `<=` `>` `>=`; `and` `&&` `or` `||`
/// `not` `!`; `in`, `not in`, `contains`, `startsWith`, `endsWith`, `matches` (a regular expression as Go writes them);
/// `+` `-` `*` `/` `%` `**`; `CONDITION ? A : B`, `A ?? B`, `A | f(B)`; `[1]` and `[1:2]`; `len` `lower` `upper` `trim`
/// `trimPrefix` `trimSuffix` `split` `splitAfter` `replace` `repeat` `indexOf` `lastIndexOf` `hasPrefix` `hasSuffix`
/// `join` `int` `float` `string` `abs` `ceil` `floor` `round` `max` `min` `sum` `mean` `median` `first` `last` `take`
/// `get` `sort` `reverse` `uniq` `concat` `bitand` `bitor` `bitxor` `bitshl` `bitshr`; and with a predicate about each
/// item `#`, `all` `any` `one` `none` `map` `filter` `find` `findIndex` `findLast` `findLastIndex` `count` `reduce`. An
/// expression with `#` stands in double quotes, since that begins a comment otherwise. Maps and dates are not built.
///
/// ## Examples
/// Other addresses for clients in the office:
/// ```corefile
/// example.org {
///     view office {
///         expr incidr(client_ip(), '192.168.0.0/16')
///     }
///     hosts {
///         192.168.0.1 www.example.org
///     }
/// }
/// example.org {
///     hosts {
///         192.0.2.1 www.example.org
///     }
/// }
/// ```
/// ```corefile
/// . {
///     view tests {
///         expr type() in ['A', 'AAAA'] && name() matches '^test[0-9]+\\.'
///         expr "any(['10.0.0.0/8', 'fd00::/8'], incidr(client_ip(), #))"
///     }
///     whoami
/// }
/// ```
enum ViewKind: PluginKind {
    /// The word in the Corefile.
    static let name = "view"

    /// Adds the link, with the expressions once for each worker.
    static func setUp(_ setup: inout Setup) {
        let line = setup.onlyDirective()
        guard line.hasArguments(1...1, usage: "view NAME", &setup.diagnostics) else { return }
        var expressions: [ExpressionWords] = []
        for option in line.block ?? [] {
            guard option.name.text == "expr" else {
                option.reportUnknownProperty(among: ["expr"], &setup.diagnostics)
                continue
            }
            guard option.hasNoBlock(&setup.diagnostics),
                option.hasArguments(1..., usage: "expr EXPRESSION", &setup.diagnostics)
            else { continue }
            let words = ExpressionWords(option.arguments)
            if check(words, &setup.diagnostics) { expressions.append(words) }
        }
        let conditions = (0..<setup.metrics.workers).map { _ in ViewConditions(expressions) }
        setup.link(ViewPlugin(line.arguments[0].text, conditions, metadata: metadata(&setup)))
    }

    private static func check(_ words: ExpressionWords, _ diagnostics: inout Diagnostics) -> Bool {
        guard let expression = words.read(QueryLibrary(), &diagnostics) else { return false }
        if expression.type != .boolean, expression.type != .any {
            diagnostics.warning(
                at: words.word(of: 0..<words.text.unicodeScalars.count),
                "this is a \(expression.type) and never true, so that the block takes no query")
        }
        return true
    }

    /// The metadata of the block, which is asked before its chain is entered.
    private static func metadata(_ setup: inout Setup) -> MetadataSource? {
        guard setup.block.words.contains(MetadataKind.name) else { return nil }
        return MetadataKind.source(setup, zones: setup.block.zones)
    }
}
