// swift-tools-version: 6.2
import PackageDescription

// What every target of ours is compiled with. Warnings are errors; memory-unsafe constructs must say `unsafe`.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

extension Target.Dependency {
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let asn1 = product(name: "SwiftASN1", package: "swift-asn1")
    static let asyncHTTPClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let cryptoExtras = product(name: "CryptoExtras", package: "swift-crypto")
    static let grdb = product(name: "GRDB", package: "GRDB.swift")
    static let httpTypes = product(name: "HTTPTypes", package: "swift-http-types")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdCore = product(name: "HummingbirdCore", package: "hummingbird")
    static let jwtKit = product(name: "JWTKit", package: "jwt-kit")
    static let logging = product(name: "Logging", package: "swift-log")
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let nioFoundation = product(name: "NIOFoundationEssentialsCompat", package: "swift-nio")
    static let nioHTTPTypes = product(name: "NIOHTTPTypes", package: "swift-nio-extras")
    static let nioTLS = product(name: "NIOTLS", package: "swift-nio")
    static let nioSSL = product(name: "NIOSSL", package: "swift-nio-ssl")
    static let serviceLifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let system = product(name: "SystemPackage", package: "swift-system")
    static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let x509 = product(name: "X509", package: "swift-certificates")
    static let yams = product(name: "Yams", package: "Yams")
}

// One suite for each target, and those that hold the whole together.
let tests: [Target] = [
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
    .target(
        name: "TestProviders", dependencies: ["TestSupport", .crypto, .cryptoExtras, .nioCore, .nioHTTP1, .nioPosix],
        path: "Tests/TestProviders", swiftSettings: settings),
    .target(
        name: "TestFleet", dependencies: ["Client", "ServiceAPI", "TestSupport"], path: "Tests/TestFleet",
        swiftSettings: settings),
    .executableTarget(name: "mayfly-demo", dependencies: ["TestSupport"], path: "Tests/Demo", swiftSettings: settings),
    .executableTarget(
        name: "mayfly-bench",
        dependencies: [
            "AuditLog", "Issuance", "Keys", "Policies", "SSHCertificates", "ServiceAPI", "Storage", "TestFleet", "TestSupport",
            "X509Certificates", .argumentParser, .asn1, .crypto, .nioCore, .nioHTTP1, .nioPosix, .nioSSL, .x509,
        ],
        path: "Tests/Benchmarks", swiftSettings: settings),
    .testTarget(name: "StrictYAMLTests", dependencies: ["StrictYAML"], swiftSettings: settings),
    .testTarget(name: "PoliciesTests", dependencies: ["Policies", "StrictYAML", "TestSupport"], swiftSettings: settings),
    .testTarget(
        name: "PolicyImportTests", dependencies: ["Policies", "PolicyImport", "StrictYAML"], exclude: ["Fixtures"],
        swiftSettings: settings),
    .testTarget(
        name: "SSHCertificatesTests", dependencies: ["SSHCertificates", "TestSupport", .crypto, .cryptoExtras],
        exclude: ["Fixtures"],
        swiftSettings: settings),
    .testTarget(
        name: "X509CertificatesTests", dependencies: ["X509Certificates", .asn1, .crypto, .cryptoExtras, .x509],
        exclude: ["Fixtures"], swiftSettings: settings),
    .testTarget(name: "KeysTests", dependencies: ["Keys", "Issuance"], swiftSettings: settings),
    .testTarget(
        name: "AuditLogTests", dependencies: ["AuditLog", .crypto], exclude: ["Fixtures"], swiftSettings: settings),
    .testTarget(
        name: "AccessRequestsTests", dependencies: ["AccessRequests", "AuditLog", "SSHCertificates", "TestSupport", .crypto],
        swiftSettings: settings),
    .testTarget(
        name: "AccessReviewsTests",
        dependencies: ["AccessRequests", "AccessReviews", "AuditLog", "Issuance", "Policies", "StrictYAML", "TestSupport"],
        exclude: ["Fixtures"], swiftSettings: settings),
    .testTarget(
        name: "IssuanceTests",
        dependencies: [
            "AccessRequests", "AuditLog", "Authentication", "Issuance", "Keys", "Policies", "SSHCertificates", "ServiceAPI",
            "Storage", "TestSupport", "X509Certificates", .crypto,
        ],
        swiftSettings: settings),
    .testTarget(
        name: "AuthenticationTests",
        dependencies: [
            "AuditLog", "Authentication", "Issuance", "OpenIDConnect", "Policies", "SSHCertificates", "ServiceAPI", "Storage",
            "StrictYAML", "TestProviders", "X509Certificates", .asyncHTTPClient, .crypto,
        ],
        swiftSettings: settings),
    .testTarget(
        name: "OpenIDConnectTests",
        dependencies: ["OpenIDConnect", "TestProviders", .asyncHTTPClient, .crypto],
        swiftSettings: settings),
    .testTarget(
        name: "HTTPServiceTests", dependencies: ["HTTPService", "ServiceAPI", "TestProviders", "TestSupport", "mayfly"],
        swiftSettings: settings),
    .testTarget(
        name: "NotificationsTests", dependencies: ["Notifications", .crypto], exclude: ["Fixtures"], swiftSettings: settings),
    .testTarget(
        name: "NotificationDeliveryTests",
        dependencies: [
            "AuditLog", "Issuance", "NotificationDelivery", "Notifications", "Storage", "TestSupport", .logging, .nioCore,
            .nioHTTP1, .nioPosix, .serviceLifecycle,
        ],
        exclude: ["Support/mailserver.py"],
        swiftSettings: settings),
    .testTarget(
        name: "StorageTests", dependencies: ["AuditLog", "Issuance", "Notifications", "Storage"], swiftSettings: settings),
    .testTarget(
        name: "ClientTests",
        dependencies: [
            "AuditLog", "Client", "SSHCertificates", "ServiceAPI", "TestSupport", "X509Certificates", .asn1, .crypto, .nioCore,
            .nioHTTP1, .nioPosix, .nioSSL, .x509,
        ],
        swiftSettings: settings),
    .testTarget(
        name: "MayflyTests",
        dependencies: [
            "Authentication", "Client", "ServiceAPI", "mayfly", "Notifications", "Policies", "StrictYAML", .argumentParser,
        ],
        swiftSettings: settings),
    .testTarget(name: "TestSupportTests", dependencies: ["TestSupport"], swiftSettings: settings),
    .testTarget(
        name: "InteropTests", dependencies: ["TestFleet", "TestProviders", "TestSupport", "mayfly", "mayfly-demo"],
        exclude: ["foreign"], swiftSettings: settings),
    .testTarget(name: "ArchitectureTests", dependencies: ["TestSupport"], swiftSettings: settings),
]

// Only for `make fuzz`, which compiles everything for libFuzzer.
let fuzzing: [Target] =
    Context.environment["MAYFLY_FUZZ"] == nil
    ? []
    : [
        .executableTarget(
            name: "mayfly-fuzz",
            dependencies: ["AuditLog", "Authentication", "Policies", "SSHCertificates", "ServiceAPI", "X509Certificates"],
            path: "Fuzz", exclude: ["run"], swiftSettings: settings)
    ]

let package = Package(
    name: "mayfly",
    products: [.executable(name: "mayfly", targets: ["mayfly"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .target(name: "StrictYAML", dependencies: [.yams], swiftSettings: settings),
        .target(
            name: "Policies", dependencies: ["StrictYAML", .crypto], resources: [.embedInCode("Schema/policy.schema.json")],
            swiftSettings: settings),
        .target(name: "StrictJSON", swiftSettings: settings),
        .target(name: "PolicyImport", dependencies: ["Policies", "StrictJSON", "StrictYAML"], swiftSettings: settings),
        .target(name: "SSHCertificates", dependencies: [.crypto, .cryptoExtras], swiftSettings: settings),
        .target(name: "X509Certificates", dependencies: [.asn1, .crypto, .cryptoExtras, .x509], swiftSettings: settings),
        .target(name: "AuditLog", dependencies: [.crypto], swiftSettings: settings),
        .target(name: "AccessRequests", dependencies: ["AuditLog", "SSHCertificates", .crypto], swiftSettings: settings),
        .target(name: "Notifications", dependencies: [.crypto], swiftSettings: settings),
        .target(
            name: "NotificationDelivery",
            dependencies: [
                "Issuance", "Notifications", .asyncHTTPClient, .logging, .nioCore, .nioHTTP1, .nioPosix, .nioSSL,
                .serviceLifecycle,
            ],
            swiftSettings: settings),
        .target(
            name: "Issuance",
            dependencies: [
                "AccessRequests", "AuditLog", "Notifications", "Policies", "SSHCertificates", "X509Certificates", .crypto,
            ],
            swiftSettings: settings),
        .target(
            name: "AccessReviews", dependencies: ["AccessRequests", "AuditLog", "Issuance", "Policies"],
            swiftSettings: settings),
        .target(name: "Keys", dependencies: ["COpenSSL", "Issuance", .crypto, .system], swiftSettings: settings),
        .target(
            name: "Authentication",
            dependencies: [
                "Issuance", "OpenIDConnect", "Policies", "SSHCertificates", "ServiceAPI", "StrictYAML", "X509Certificates",
                .crypto,
            ],
            swiftSettings: settings),
        .target(
            name: "OpenIDConnect",
            dependencies: ["StrictJSON", .asyncHTTPClient, .crypto, .jwtKit, .nioCore, .nioHTTP1, .nioSSL],
            swiftSettings: settings),
        .target(name: "Storage", dependencies: ["AuditLog", "Issuance", "Notifications", .grdb], swiftSettings: settings),
        .target(name: "ServiceAPI", swiftSettings: settings),
        .target(
            name: "HTTPService",
            dependencies: [
                "AccessRequests", "AuditLog", "Authentication", "Issuance", "Notifications", "Policies", "SSHCertificates",
                "ServiceAPI", "X509Certificates",
                .crypto, .httpTypes, .hummingbird, .hummingbirdCore, .logging, .nioCore, .nioFoundation, .nioHTTPTypes,
                .nioSSL, .nioTLS, .serviceLifecycle,
            ],
            resources: [.embedInCode("openapi.json")],
            swiftSettings: settings),
        .target(
            name: "Client",
            dependencies: [
                "AccessRequests", "AuditLog", "SSHCertificates", "ServiceAPI", "X509Certificates", .asn1, .asyncHTTPClient,
                .crypto,
                .nioCore, .nioFoundation,
                .nioHTTP1, .nioPosix, .nioSSL, .system, .x509,
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "mayfly",
            dependencies: [
                "AccessRequests", "AccessReviews", "AuditLog", "Authentication", "Client", "HTTPService", "Issuance", "Keys",
                "NotificationDelivery", "Notifications", "OpenIDConnect", "Policies", "PolicyImport", "SSHCertificates",
                "ServiceAPI", "Storage", "StrictYAML", "X509Certificates", .argumentParser, .logging, .nioCore,
                .serviceLifecycle,
                .system, .unixSignals,
            ],
            swiftSettings: settings),
    ] + tests + fuzzing
)
