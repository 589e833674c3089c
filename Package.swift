// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
]
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
    name: "signalbox",
    products: [
        .executable(name: "signalbox", targets: ["signalbox"]),
        .executable(name: "shop", targets: ["shop"]),
        .library(name: "ServiceKit", targets: ["ServiceKit"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // The C libraries of Debian, and what the kernel offers that Swift's Glibc does not.
        .systemLibrary(name: "CRabbitMQ", providers: [.apt(["librabbitmq-dev"])]),
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(name: "CLinux"),

        // Each may import only what stands above it.
        library("EventThread", ["CLinux"]),
        library("Topology", [yams]),
        library("AMQP", ["CRabbitMQ", "EventThread", logging]),
        library("Redis", ["CHiredis", "EventThread", logging]),
        library("Postgres", ["CPostgres", "EventThread", logging]),
        library("Systemd", ["CSystemd"]),
        library("HTTPClient", nio),
        library(
            "ServiceKit", ["AMQP", "Postgres", "Redis", "Systemd", hummingbird, hummingbirdCore, logging] + nio),
        library("Keeper", ["CLinux", "EventThread"]),
        library("ManagedServers", ["CLinux"]),
        library("BrokerTopology", ["Topology", "HTTPClient"]),
        library(
            "Supervision",
            [
                "CLinux", "Topology", "Keeper", "ManagedServers", "BrokerTopology", "HTTPClient", "AMQP", "Postgres", "Redis", "Systemd",
                logging,
            ] + nio),
        library("Gateway", ["Topology", "AMQP", "Redis", "Systemd", logging] + nio),
        library("Admin", ["Supervision", "Topology", hummingbird, logging] + nio),
        .executableTarget(
            name: "signalbox",
            dependencies: [
                "Topology", "Keeper", "Supervision", "Gateway", "Admin", "HTTPClient", argumentParser, logging,
            ],
            swiftSettings: settings),

        // The reference services. They import ServiceKit and its supports, never the platform's inside.
        library("ShopContracts", ["ServiceKit"]),
        library("ShopServices", ["ShopContracts", "ServiceKit", "Postgres", "CSodium", "CCurl", hummingbird, logging]),
        .executableTarget(name: "shop", dependencies: ["ShopServices", argumentParser], swiftSettings: settings),

        // Tests
        .target(
            name: "TestSupport", dependencies: ["ManagedServers", "CLinux"], path: "Tests/TestSupport",
            swiftSettings: settings),
        .executableTarget(
            name: "SupervisionTestHost", dependencies: ["Keeper", "Supervision", logging], path: "Tests/SupervisionTestHost",
            swiftSettings: settings),
        tests("TopologyTests", ["Topology"]),
        tests("AMQPTests", ["AMQP", "TestSupport"]),
        tests("RedisTests", ["Redis", "TestSupport"]),
        tests("PostgresTests", ["Postgres", "TestSupport"]),
        .executableTarget(name: "KeeperTestHost", dependencies: ["Keeper"], path: "Tests/KeeperTestHost", swiftSettings: settings),
        tests("ManagedServersTests", ["ManagedServers", "TestSupport"]),
        tests("SystemdTests", ["Systemd", "TestSupport"]),
        tests("KeeperTests", ["Keeper", "KeeperTestHost", "TestSupport", "CLinux"]),
        // The reducer in a simulated world: `swift build -c release --product simulation`.
        .target(
            name: "SimulationModel", dependencies: ["Supervision", "Topology"], path: "Tests/Simulation/Model", swiftSettings: settings),
        .executableTarget(
            name: "simulation", dependencies: ["SimulationModel"], path: "Tests/Simulation/Main", swiftSettings: settings),
        tests(
            "SupervisionTests",
            ["Supervision", "SimulationModel", "Topology", "Keeper", "Postgres", "SupervisionTestHost", "TestSupport", logging]),
        tests("BrokerTopologyTests", ["BrokerTopology", "Topology", "HTTPClient", "TestSupport"]),
        tests("ServiceKitTests", ["ServiceKit", "AMQP", "Postgres", "TestSupport"]),
        tests("GatewayTests", ["Gateway", "Topology", "AMQP", "Redis", "HTTPClient", "TestSupport", logging] + nio),
        tests("AdminTests", ["Admin", "Supervision", "Topology", "HTTPClient", "TestSupport", logging]),
        tests("ShopServicesTests", ["ShopServices", "ShopContracts", "ServiceKit", "TestSupport"]),
        tests("EndToEndTests", ["HTTPClient", "TestSupport"]),
        // What the fault tests' topologies run.
        .executableTarget(name: "FaultTestHost", path: "Tests/FaultTestHost"),
        .executableTarget(
            name: "FaultTestConsumer", dependencies: ["ServiceKit"], path: "Tests/FaultTestConsumer", swiftSettings: settings),
        tests("FaultTests", ["HTTPClient", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)
