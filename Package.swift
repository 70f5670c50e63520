// swift-tools-version: 6.2
import PackageDescription

/// CLUSTERDNS_FUZZ=1 adds the fuzz targets and instruments every library; build with a scratch path of its own.
let isFuzzing = Context.environment["CLUSTERDNS_FUZZ"] != nil

let strict: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .treatAllWarnings(as: .error),
    ] + (isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer,address", "-parse-as-library"])] : [])

/// A library target of the house; the arrows are listed in Sources/README.md and checked by TidyTests.
func house(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

/// A program that shows how a library product is used; the tests build and run it.
func example(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "Tests/Examples/\(name)", swiftSettings: strict)
}

/// A libFuzzer target in Tests/Fuzz; Tests/Fuzz/README.md tells how to run it.
func fuzz(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies + ["Harness"], path: "Tests/Fuzz/Sources/\(name)",
        swiftSettings: strict,
        linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address"])])
}

let fuzzTargets: [Target] = [
    fuzz("FuzzCorefile", ["Corefile"]),
    fuzz("FuzzExpression", ["Expressions"]),
    fuzz("FuzzJSONStream", ["StreamChecks", "KubernetesWatch"]),
    fuzz("FuzzManifests", ["Manifests", "YAML", "ClusterIndex"]),
    fuzz("FuzzMessage", ["DNSMessage"]),
    fuzz("FuzzProtobuf", ["StreamChecks", "KubernetesWatch"]),
    fuzz("FuzzReply", ["DNSResolver", "Upstream", "DNSMessage"]),
    .target(name: "Harness", path: "Tests/Fuzz/Sources/Harness", swiftSettings: strict),
    .target(
        name: "StreamChecks", dependencies: ["KubernetesWatch", "ClusterIndex"],
        path: "Tests/Fuzz/Sources/StreamChecks", swiftSettings: strict),
    fuzz("FuzzSnapshot", ["KubernetesWatch", "ClusterIndex"]),
    fuzz("FuzzZone", ["Zone", "Ldns", "DNSMessage"]),
]

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
    name: "clusterdns",
    products: [
        .library(name: "DNSMessage", targets: ["DNSMessage"]),
        .library(name: "ClusterIndex", targets: ["ClusterIndex"]),
        .library(name: "DNSResolver", targets: ["DNSResolver"]),
        .library(name: "ClusterDirectory", targets: ["ClusterDirectory"]),
        .executable(name: "clusterdns", targets: ["clusterdns"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .systemLibrary(name: "CLdns", pkgConfig: "ldns", providers: [.apt(["libldns-dev"])]),
        .systemLibrary(name: "CYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .target(name: "CLinux"),
        house("Locking"),
        house("EventLoop", ["CLinux"]),
        house("DNSMessage"),
        house("Sockets", ["CLinux", "DNSMessage"]),
        house("Ldns", ["CLdns", "DNSMessage"]),
        house("Zone", ["DNSMessage"]),
        house("Corefile"),
        house("Patterns"),
        house("Expressions", ["Patterns"]),
        house("Telemetry", ["Locking", logging]),
        house("AdminHTTP", ["EventLoop", "Sockets", "CLinux", "DNSMessage"]),
        house("ClusterIndex", ["DNSMessage", "Locking"]),
        house("Files"),
        house("HostFiles", ["DNSMessage"]),
        house("YAML", ["CYaml"]),
        house("Manifests", ["YAML", "Files", "ClusterIndex", "DNSMessage"]),
        house("HTTPClient", ["CCurl", "CLinux"]),
        house(
            "KubernetesWatch",
            ["ClusterIndex", "DNSMessage", "EventLoop", "Files", "HTTPClient", "Locking", "YAML", "CLinux"]),
        house("Explanation", ["ClusterIndex", "Corefile", "DNSMessage", "Ldns", "YAML"]),
        house("PluginKit", ["DNSMessage", "Corefile", "EventLoop", "Sockets", "Telemetry", "CLinux", "Locking"]),
        house("Upstream", ["DNSMessage", "EventLoop", "Sockets", "CLinux", "Locking"]),
        house("SecureUpstream", ["Upstream", "DNSMessage", "EventLoop", "HTTPClient", "COpenSSL"]),
        house("DNSResolver", ["Upstream", "EventLoop", "DNSMessage", "Files", "HostFiles", "Locking", "CLinux"]),
        house(
            "ClusterDirectory",
            ["DNSResolver", "KubernetesWatch", "Manifests", "ClusterIndex", "DNSMessage", "Locking"]),
        house(
            "Plugins",
            [
                "PluginKit", "EventLoop", "DNSMessage", "Corefile", "Telemetry", "ClusterIndex", "Manifests",
                "AdminHTTP", "Explanation", "Files", "Ldns", "Upstream", "SecureUpstream", "Zone", "KubernetesWatch",
                "CLinux", "Locking", "HostFiles", "YAML", "Patterns", "Expressions", "Sockets", logging,
            ]),
        house(
            "Server",
            ["PluginKit", "EventLoop", "Sockets", "DNSMessage", "Telemetry", "CLinux", "Locking", logging]),
        house("Instance", ["Server", "PluginKit", "DNSMessage", "Corefile", "Telemetry"]),
        house(
            "Tools",
            [
                "Explanation", "Instance", "Plugins", "PluginKit", "Corefile", "Telemetry", "DNSMessage", "Ldns",
                "Upstream", "DNSResolver", "KubernetesWatch", "Manifests", "ClusterIndex", "HTTPClient", "EventLoop",
                "CLinux", "Locking", "Sockets", "YAML",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "clusterdns",
            dependencies: [
                "Tools", "Instance", "Server", "Plugins", "PluginKit", "Corefile", "Telemetry", "DNSMessage", "CLinux",
                "Locking", logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .target(
            name: "TestSupport",
            dependencies: [
                "DNSMessage", "Ldns", "Corefile", "Telemetry", "PluginKit", "Plugins", "Server", "Instance", "CLinux",
                "Locking", "ClusterIndex", "KubernetesWatch", "COpenSSL", "EventLoop", "Upstream", "SecureUpstream",
                "Files", "Sockets",
            ],
            path: "Tests/TestSupport", swiftSettings: strict),
        .executableTarget(
            name: "TestAPIServer",
            dependencies: [
                "TestSupport", "ClusterIndex", "KubernetesWatch", "CLinux", "Locking",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/TestAPIServer", swiftSettings: strict),
        example("Directory", ["ClusterDirectory", "DNSMessage", "DNSResolver"]),
        example("WatchEndpoints", ["ClusterDirectory", "ClusterIndex", "DNSMessage"]),
        example("LookUp", ["DNSResolver", "DNSMessage"]),
        .executableTarget(
            name: "SideBySideClient", dependencies: ["DNSResolver", "DNSMessage"], path: "Tests/SideBySide/Client",
            swiftSettings: strict),
        tests("DNSMessageTests", ["DNSMessage", "Ldns", "TestSupport"]),
        tests("LdnsTests", ["Ldns", "DNSMessage", "TestSupport"]),
        tests("ZoneTests", ["Zone", "DNSMessage", "Ldns", "TestSupport"]),
        tests("CorefileTests", ["Corefile"], resources: [.copy("Fixtures")]),
        tests("UpstreamTests", ["Upstream", "DNSMessage", "Locking", "TestSupport"]),
        tests("SecureUpstreamTests", ["SecureUpstream", "Upstream", "DNSMessage", "TestSupport"]),
        tests("DNSResolverTests", ["DNSResolver", "DNSMessage", "EventLoop", "TestSupport", "Locking", "LookUp"]),
        tests(
            "ClusterDirectoryTests",
            [
                "ClusterDirectory", "ClusterIndex", "KubernetesWatch", "DNSResolver", "DNSMessage", "TestSupport",
                "Locking", "WatchEndpoints", "Directory",
            ]),
        tests(
            "ToolsTests",
            [
                "Tools", "ClusterIndex", "Corefile", "DNSMessage", "DNSResolver", "KubernetesWatch", "TestSupport",
            ], resources: [.copy("Fixtures")]),
        tests("EventLoopTests", ["EventLoop", "CLinux"]),
        tests("SocketsTests", ["Sockets", "CLinux", "DNSMessage", "TestSupport"]),
        tests("LockingTests", ["Locking"]),
        tests("PatternsTests", ["Patterns"]),
        tests("ExpressionsTests", ["Expressions"]),
        tests("TelemetryTests", ["Telemetry", "Locking"]),
        tests("AdminHTTPTests", ["AdminHTTP", "CLinux", "DNSMessage", "Sockets"]),
        tests("ClusterIndexTests", ["ClusterIndex", "DNSMessage", "Manifests", "TestSupport"]),
        tests(
            "ExplanationTests",
            [
                "Explanation", "ClusterIndex", "Corefile", "DNSMessage", "Ldns", "Manifests", "PluginKit", "Plugins",
                "TestSupport", "YAML",
            ], resources: [.copy("Cases")]),
        tests("FilesTests", ["Files"]),
        tests("HostFilesTests", ["HostFiles", "DNSMessage"]),
        tests("YAMLTests", ["YAML"]),
        tests("ManifestsTests", ["Manifests", "YAML", "Files", "ClusterIndex", "Locking", "TestSupport"]),
        tests("HTTPClientTests", ["HTTPClient", "CCurl", "CLinux", "DNSMessage", "Locking", "Sockets", "TestSupport"]),
        tests(
            "KubernetesWatchTests",
            [
                "KubernetesWatch", "HTTPClient", "ClusterIndex", "DNSMessage", "Locking", "Manifests", "CLinux",
                "Sockets", "TestSupport", "YAML",
            ],
            resources: [.copy("Fixtures")]),
        tests("PluginKitTests", ["PluginKit", "DNSMessage", "Telemetry", "Locking"]),
        tests(
            "PluginsTests",
            [
                "Plugins", "PluginKit", "Instance", "DNSMessage", "Corefile", "Telemetry", "AdminHTTP", "CLinux",
                "ClusterIndex", "EventLoop", "Explanation", "Locking", "Patterns", "Sockets", "Upstream",
                "SecureUpstream", "TestSupport",
            ]),
        tests(
            "ServerTests",
            [
                "Server", "Instance", "Plugins", "PluginKit", "EventLoop", "DNSMessage", "CLinux", "Locking",
                "TestSupport",
            ]),
        tests(
            "ClusterTests",
            ["TestSupport", "Instance", "ClusterIndex", "DNSMessage", "KubernetesWatch", "Locking", "PluginKit"]),
        tests("TidyTests", []),
    ] + (isFuzzing ? fuzzTargets : []),
    swiftLanguageModes: [.v6]
)
