// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// A library target of the house; the arrows are listed in Sources/README.md and checked by TidyTests.
func house(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
    name: "clusterdns",
    products: [
        .library(name: "DNSMessage", targets: ["DNSMessage"]),
        .library(name: "ClusterIndex", targets: ["ClusterIndex"]),
        .executable(name: "clusterdns", targets: ["clusterdns"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .systemLibrary(name: "CLdns", pkgConfig: "ldns", providers: [.apt(["libldns-dev"])]),
        .systemLibrary(name: "CYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .target(name: "CLinux"),
        house("DNSMessage"),
        house("Ldns", ["CLdns", "DNSMessage"]),
        house("Corefile"),
        house("Telemetry", [logging]),
        house("AdminHTTP", ["CLinux"]),
        house("ClusterIndex", ["DNSMessage"]),
        house("Manifests", ["CYaml", "CLinux", "ClusterIndex", "DNSMessage"]),
        house("PluginKit", ["DNSMessage", "Corefile", "Telemetry", "CLinux"]),
        house(
            "Plugins",
            [
                "PluginKit", "DNSMessage", "Corefile", "Telemetry", "ClusterIndex", "Manifests", "AdminHTTP", "Ldns",
                "CLinux",
            ]),
        house("Server", ["PluginKit", "DNSMessage", "Telemetry", "CLinux"]),
        house("Instance", ["Server", "PluginKit", "DNSMessage", "Corefile", "Telemetry"]),
        .executableTarget(
            name: "clusterdns",
            dependencies: [
                "Instance", "Server", "Plugins", "PluginKit", "Corefile", "Telemetry", "DNSMessage", "CLinux", logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .target(
            name: "TestSupport", 
            dependencies: [
                "DNSMessage", "Ldns", "Corefile", "Telemetry", "PluginKit", "Plugins", "Server", "Instance", "CLinux",
            ],
            path: "Tests/TestSupport", swiftSettings: strict),
        tests("DNSMessageTests", ["DNSMessage", "Ldns", "TestSupport"]),
        tests("CorefileTests", ["Corefile"]),
        tests("TelemetryTests", ["Telemetry"]),
        tests("AdminHTTPTests", ["AdminHTTP", "CLinux"]),
        tests("ClusterIndexTests", ["ClusterIndex", "DNSMessage", "TestSupport"]),
        tests("ManifestsTests", ["Manifests", "ClusterIndex"]),
        tests("PluginKitTests", ["PluginKit", "TestSupport"]),
        tests(
            "PluginsTests",
            ["Plugins", "PluginKit", "Instance", "DNSMessage", "Corefile", "Telemetry", "TestSupport"]),
        tests("ServerTests", ["Server", "Instance", "Plugins", "PluginKit", "DNSMessage", "CLinux", "TestSupport"]),
        tests("TidyTests", []),
    ],
    swiftLanguageModes: [.v6]
)
