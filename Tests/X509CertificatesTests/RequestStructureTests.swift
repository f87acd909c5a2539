// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import X509Certificates

/// Requests with a valid self-signature whose structure is wrong.
struct RequestStructureTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let error: CSRError
        let change: @Sendable (inout RequestBuilder) -> Void
    }

    private static let name = RequestBuilder.field(17, DERTree(0x30, of: [DERTree(0x82, Array("a.example".utf8))]))

    static let samples: [Sample] = [
        Sample(testDescription: "version 2", error: .version) { $0.version = [1] },
        Sample(testDescription: "something after the attributes", error: .malformed) { $0.more = [.null] },
        Sample(testDescription: "two extension requests", error: .duplicateAttribute("1.2.840.113549.1.9.14")) {
            $0.attributes = [RequestBuilder.extensions(name), RequestBuilder.extensions(name)]
        },
        Sample(testDescription: "two extension requests in one attribute", error: .malformed) {
            $0.attributes = [RequestBuilder.extensions(name)]
            $0.attributes[0][1].children.append(DERTree(0x30, of: [name]))
        },
        Sample(testDescription: "an extension request without extensions", error: .malformed) {
            $0.attributes = [RequestBuilder.extensions()]
        },
        Sample(testDescription: "alternative names twice", error: .duplicateExtension("2.5.29.17")) {
            $0.attributes = [RequestBuilder.extensions(name, name)]
        },
        Sample(testDescription: "an unknown extension twice", error: .duplicateExtension("2.5.29.99")) {
            let unknown = RequestBuilder.field(99, .null)
            $0.attributes = [RequestBuilder.extensions(unknown, unknown)]
        },
        Sample(testDescription: "a critical extension nobody knows", error: .unknownCriticalExtension("2.5.29.99")) {
            $0.attributes = [RequestBuilder.extensions(RequestBuilder.field(99, critical: [0xff], .null))]
        },
        Sample(testDescription: "critical written as FALSE", error: .malformed) {
            $0.attributes = [RequestBuilder.extensions(RequestBuilder.field(99, critical: [0x00], .null))]
        },
        Sample(testDescription: "critical that is neither", error: .malformed) {
            $0.attributes = [RequestBuilder.extensions(RequestBuilder.field(99, critical: [0x01], .null))]
        },
        Sample(testDescription: "an extension identifier that does not fit an integer", error: .malformed) {
            var field = RequestBuilder.field(99, critical: [0xff], .null)
            field.children[0].contents = Array(repeating: 0xff, count: 30) + [0x7f]
            $0.attributes = [RequestBuilder.extensions(field)]
        },
        Sample(testDescription: "an extension identifier of no numbers", error: .malformed) {
            var field = RequestBuilder.field(99, critical: [0xff], .null)
            field.children[0].contents = []
            $0.attributes = [RequestBuilder.extensions(field)]
        },
        Sample(testDescription: "no alternative names", error: .malformed) {
            $0.attributes = [RequestBuilder.extensions(RequestBuilder.field(17, .emptySequence))]
        },
        Sample(testDescription: "alternative names that are not", error: .malformed) {
            $0.attributes = [RequestBuilder.extensions(RequestBuilder.field(17, DERTree(0x30, of: [DERTree(0x0c, [0x61])])))]
        },
        Sample(testDescription: "something after the alternative names", error: .malformed) {
            var field = name
            field.children[1].contents += [0x05, 0x00]
            $0.attributes = [RequestBuilder.extensions(field)]
        },
        Sample(testDescription: "a directory name", error: .unsupportedName(.directoryName)) {
            $0.attributes = [
                RequestBuilder.extensions(RequestBuilder.field(17, DERTree(0x30, of: [DERTree(0xa4, of: [.emptySequence])])))
            ]
        },
        Sample(testDescription: "a CA with the flag spelt out", error: .asksForCA) {
            $0.attributes = [
                RequestBuilder.extensions(
                    RequestBuilder.field(19, critical: [0xff], DERTree(0x30, of: [DERTree(0x01, [0xff]), DERTree(0x02, [0])])))
            ]
        },
        Sample(testDescription: "a CA flag that BER would take for true", error: .malformed) {
            $0.attributes = [RequestBuilder.extensions(RequestBuilder.field(19, DERTree(0x30, of: [DERTree(0x01, [0x01])])))]
        },
        Sample(testDescription: "a path length without being a CA", error: .malformed) {
            $0.attributes = [RequestBuilder.extensions(RequestBuilder.field(19, DERTree(0x30, of: [DERTree(0x02, [0])])))]
        },
        Sample(testDescription: "key usage with trailing zero bits", error: .malformed) {
            $0.attributes = [RequestBuilder.extensions(RequestBuilder.field(15, DERTree(0x03, [0, 0x80])))]
        },
        Sample(testDescription: "a common name that is no string", error: .name(.commonName(""))) {
            $0.subject = [(3, 0x30, [])]
        },
        Sample(testDescription: "two names in two kinds of string", error: .severalCommonNames) {
            $0.subject = [(3, 0x0c, [0x61]), (3, 0x13, [0x62])]
        },
    ]

    @Test(arguments: samples)
    func `a request of another structure is refused`(_ sample: Sample) throws {
        var builder = RequestBuilder()
        sample.change(&builder)
        let der = try builder.der()
        #expect(throws: sample.error) { try CertificateSigningRequest(parsing: der) }
    }

    @Test func `unknown attributes and extensions that are not critical are ignored`() throws {
        var builder = RequestBuilder()
        builder.attributes = [
            DERTree(
                0x30,
                of: [
                    DERTree(0x06, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x07]),
                    DERTree(0x31, of: [DERTree(0x0c, [0x61])]),
                ]),
            RequestBuilder.extensions(RequestBuilder.field(99, .null), Self.name),
        ]
        let request = try CertificateSigningRequest(parsing: builder.der())
        #expect(request.requestedNames.dns.map(\.text) == ["a.example"])
    }
}
