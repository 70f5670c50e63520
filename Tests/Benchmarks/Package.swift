// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "Benchmarks",
    dependencies: [.package(name: "clusterdns", path: "../..")],
    targets: [
        .executableTarget(
            name: "EndpointChanges", dependencies: [.product(name: "ClusterIndex", package: "clusterdns")])
    ],
    swiftLanguageModes: [.v6]
)
