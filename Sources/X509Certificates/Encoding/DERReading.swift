// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

/// An element is missing, or is not what must stand in its place.
struct UnexpectedDER: Error {}

/// Runs `body`, which throws an `E` or something about the encoding; the latter becomes `malformed`.
func decoding<Value, E: Error>(orThrow malformed: E, _ body: () throws -> Value) throws(E) -> Value {
    do {
        return try body()
    } catch let error as E {
        throw error
    } catch {
        throw malformed
    }
}

extension ASN1NodeCollection.Iterator {
    mutating func required() throws -> ASN1Node {
        guard let node = next() else { throw UnexpectedDER() }
        return node
    }
}

extension ASN1Node {
    func primitive(_ identifier: ASN1Identifier) throws -> ArraySlice<UInt8> {
        guard self.identifier == identifier, case .primitive(let bytes) = content else { throw UnexpectedDER() }
        return bytes
    }

    var isConstructed: Bool {
        guard case .constructed = content else { return false }
        return true
    }

    /// The elements of a SEQUENCE OF or SET OF.
    func elements(_ identifier: ASN1Identifier) throws -> [ASN1Node] {
        guard self.identifier == identifier, case .constructed(let nodes) = content else { throw UnexpectedDER() }
        return Array(IteratorSequence(nodes.makeIterator()))
    }

    /// The bytes of a BIT STRING that has no unused bits.
    func wholeBytes() throws -> ArraySlice<UInt8> {
        let contents = try primitive(.bitString)
        guard contents.first == 0 else { throw UnexpectedDER() }
        return contents.dropFirst()
    }
}

/// One entry of `Extensions` (RFC 5280 §4.2), its value not looked into yet.
struct ExtensionField {
    let identifier: ASN1ObjectIdentifier
    let isCritical: Bool
    let value: ArraySlice<UInt8>

    /// Refuses `critical` written out as FALSE: DER leaves out what is the default (X.690 §11.5).
    init(_ node: ASN1Node) throws {
        (identifier, isCritical, value) = try DER.sequence(node, identifier: .sequence) { nodes in
            let identifier = try ASN1ObjectIdentifier(derEncoded: &nodes)
            var next = try nodes.required()
            let isCritical = next.identifier == .boolean
            if isCritical {
                guard try Bool(derEncoded: next) else { throw UnexpectedDER() }
                next = try nodes.required()
            }
            return (identifier, isCritical, try next.primitive(.octetString))
        }
    }

    /// All of them, in order; `duplicate` makes the error for an extension that stands there twice.
    static func list<E: Error>(_ node: ASN1Node, duplicate: (ASN1ObjectIdentifier) -> E) throws -> [ExtensionField] {
        let fields = try node.elements(.sequence).map { try ExtensionField($0) }
        guard !fields.isEmpty else { throw UnexpectedDER() }
        var seen: Set<ASN1ObjectIdentifier> = []
        for field in fields where !seen.insert(field.identifier).inserted { throw duplicate(field.identifier) }
        return fields
    }
}
