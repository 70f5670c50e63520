/// Every bound of a reflector, with what it protects.
enum ReflectorLimits {
    // MARK: Patience

    /// Until credentials are there; a program that makes them may ask a server far away.
    static let credentialsMax = Duration.seconds(90)
    /// Until a request is answered, with the time to connect.
    static let headMax = Duration.seconds(30)
    /// Until the content of a refusal is there.
    static let refusalMax = Duration.seconds(5)
    /// Without anything new while a list is under way: a server that has lost etcd opens a streaming list and says
    /// nothing.
    static let listSilenceMax = Duration.seconds(15)
    /// Without anything new on a watch; bookmarks come about every minute.
    static let watchSilenceMax = Duration.seconds(150)
    /// More than that while bytes come that do not make an object yet.
    static let objectMax = Duration.seconds(60)

    // MARK: Back-off

    /// Before the attempt after the first failure, at most.
    static let retryMin = Duration.milliseconds(250)
    /// Between attempts: after an outage everything comes back within seconds.
    static let retryMax = Duration.seconds(5)
    /// While the role lacks a permission: the first ones are quick, for a server that is starting may not have read its
    /// roles yet.
    static let forbiddenRetryMax = Duration.seconds(10)
    /// While ServiceImports do not exist; they may never. The other resources are in every cluster: if one is missing,
    /// something in front of the server says so, and not for long.
    static let missingRetryMax = Duration.seconds(30)
    /// Between lists while no watch works from what they bring.
    static let relistMax = Duration.seconds(30)
    /// Longest wait that a server may ask for.
    static let retryAfterMax = Duration.seconds(60)
    /// Keeps the back-off from overflowing.
    static let doublingsMax = 10
    /// How long a watch must live before failures are forgotten, and a clean end is answered without a pause.
    static let stableAfter = Duration.seconds(1)
    /// Against timers that fire a moment early.
    static let shortestTimer = Duration.milliseconds(1)

    // MARK: Requests

    /// How long the server keeps a stream open, by chance: not all end at once.
    static let streamSeconds = 300...600
    /// Objects of a page.
    static let pageObjects = 500
    /// Pages of a list.
    static let pagesMax = 20_000

    // MARK: Doubt

    /// Errors in a row, any of which the given version may have caused, until a list is made without.
    static let versionFaultsMax = 3
    /// Streams in a row that cannot be decoded, until the other encoding is tried.
    static let undecodableMax = 2
    /// Answers that there are no ServiceImports, until that is believed.
    static let missingMin = 2
    /// Of a server's text in a sentence of ours.
    static let messageCharacters = 400
}
