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

func tests(_ name: String, _ dependencies: [Target.Dependency], path: String? = nil) -> Target {
    .testTarget(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
]
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let tracing: Target.Dependency = .product(name: "Tracing", package: "swift-distributed-tracing")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
    name: "signalbox",
    products: [
        .executable(name: "signalbox", targets: ["signalbox"]),
        .executable(name: "shop", targets: ["shop"]),
        .library(name: "ServiceKit", targets: ["ServiceKit"]),
        .library(name: "ServiceTestKit", targets: ["ServiceTestKit"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // Hummingbird has it already.
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // Hummingbird has it already.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        // The C libraries of Debian, and what the kernel offers that Swift's Glibc does not.
        .systemLibrary(name: "CRabbitMQ", providers: [.apt(["librabbitmq-dev"])]),
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CBrotli", pkgConfig: "libbrotlienc", providers: [.apt(["libbrotli-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .target(name: "CLinux"),

        // Each may import only what stands above it.
        library("EventThread", ["CLinux"]),
        library("Topology", [yams]),
        library("AMQP", ["CRabbitMQ", "EventThread", logging]),
        library("Redis", ["CHiredis", "EventThread", logging]),
        library("Postgres", ["CPostgres", "EventThread", logging]),
        library("Systemd", ["CSystemd"]),
        library("HTTPClient", nio),
        library("TraceStore", ["HTTPClient", tracing, logging] + nio),
        library(
            "ServiceKit", ["AMQP", "Postgres", "Redis", "Systemd", "TraceStore", hummingbird, hummingbirdCore, logging, tracing] + nio),
        library("Keeper", ["CLinux", "EventThread"]),
        library("ManagedServers", ["CLinux"]),
        library("BrokerTopology", ["Topology", "HTTPClient"]),
        library("DeadLetters", ["AMQP", "EventThread", logging]),
        library(
            "Supervision",
            [
                "CLinux", "Topology", "Keeper", "ManagedServers", "BrokerTopology", "DeadLetters", "HTTPClient", "AMQP", "Postgres",
                "Redis",
                "Systemd", "TraceStore", logging,
            ] + nio),
        library("Gateway", ["Topology", "AMQP", "Redis", "Systemd", "TraceStore", logging] + nio),
        library("Admin", ["DeadLetters", "Supervision", "Topology", "TraceStore", hummingbird, lifecycle, logging] + nio),
        .executableTarget(
            name: "signalbox",
            dependencies: [
                "Topology", "Keeper", "Supervision", "Gateway", "Admin", "DeadLetters", "HTTPClient", "TraceStore", argumentParser, logging,
            ],
            swiftSettings: settings),

        // For the tests of services: a broker in memory, and time that a test lets pass.
        library("ServiceTestKit", ["ServiceKit", "AMQP", "Postgres", "Topology", "BrokerTopology", "HTTPClient", "TestSupport", logging]),

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
        tests("TopologyTests", ["Topology", yams]),
        tests("TraceStoreTests", ["TraceStore", "HTTPClient", "TestSupport", tracing] + nio),
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
        .executableTarget(
            name: "DeadLettersTestHost", dependencies: ["DeadLetters", logging], path: "Tests/DeadLettersTestHost", swiftSettings: settings),
        tests("DeadLettersTests", ["DeadLetters", "DeadLettersTestHost", "AMQP", "TestSupport", logging]),
        tests("ServiceKitTests", ["ServiceKit", "AMQP", "Postgres", "TraceStore", "TestSupport"]),
        tests("GatewayTests", ["Gateway", "Topology", "AMQP", "Redis", "HTTPClient", "TraceStore", "TestSupport", logging] + nio),
        tests("AdminTests", ["Admin", "DeadLetters", "Supervision", "Topology", "TraceStore", "HTTPClient", "TestSupport", logging]),
        tests("ContractTests", ["ServiceKit", "ShopContracts", "TestSupport"]),
        tests(
            "MessagingPropertyTests", ["ServiceTestKit", "ServiceKit", "AMQP", "Postgres", "TestSupport", logging],
            path: "Tests/MessagingProperties"),
        tests("ShopServicesTests", ["ShopServices", "ShopContracts", "ServiceKit", "TestSupport"]),
        tests("EndToEndTests", ["HTTPClient", "TestSupport"]),
        // Our side of `Tests/Benchmarks/run messaging`.
        .executableTarget(
            name: "messaging-benchmark", dependencies: ["AMQP", logging], path: "Tests/Benchmarks/messaging/driver",
            swiftSettings: settings),
        // What the fault tests' topologies run.
        .executableTarget(name: "FaultTestHost", path: "Tests/FaultTestHost"),
        .executableTarget(
            name: "FaultTestConsumer", dependencies: ["ServiceKit", "ShopContracts"], path: "Tests/FaultTestConsumer",
            swiftSettings: settings),
        tests("FaultTests", ["HTTPClient", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)
