// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

/// Reads the final to-be-signed bytes of a revocation list again and holds every field against what was intended.
package enum RevocationListLinter {
    package static func check(
        _ toBeSigned: [UInt8], says profile: RevocationListProfile, entries: RevokedEntries, issuer: IssuerCertificate
    ) throws(RevocationListLintError) {
        let fields: RevocationListFields
        do {
            fields = try RevocationListFields(DER.parse(toBeSigned))
        } catch let error as RevocationListSyntaxError {
            throw .syntax(error)
        } catch {
            throw .syntax(.malformed)
        }
        let (base, freshest): (RevocationListNumber?, URIName?) =
            switch profile.kind {
            case .full(let freshest): (nil, freshest)
            case .delta(let base): (base, nil)
            }
        let algorithm = X509SignatureAlgorithm(issuerKey: issuer.publicKey.kind)
        let checks: [(RevocationListField, Bool)] = [
            (.signatureAlgorithm, X509SignatureAlgorithm(encoded: fields.algorithm) == algorithm),
            (.issuer, fields.issuer.elementsEqual(issuer.subjectName)),
            (.thisUpdate, fields.thisUpdate == profile.thisUpdate),
            (.nextUpdate, fields.nextUpdate == profile.nextUpdate),
            (.entries, fields.entries == entries.certificates),
            (.authorityKeyIdentifier, fields.authorityKeyIdentifier.elementsEqual(issuer.keyIdentifier)),
            (.number, fields.number == profile.number),
            (.base, fields.base == base),
            (.distributionPoint, fields.distributionPoint == profile.distributionPoint?.text),
            (.freshest, fields.freshest == freshest?.text),
        ]
        for (field, isAsIntended) in checks where !isAsIntended { throw .differs(field) }
        guard issuer.maySignRevocationLists else { throw .issuerCannotSign }
    }
}

/// What final to-be-signed bytes say that was not intended. Nothing may be signed.
package enum RevocationListLintError: Error, Hashable, CustomStringConvertible {
    case syntax(RevocationListSyntaxError)
    case differs(RevocationListField)
    case issuerCannotSign

    package var description: String {
        switch self {
        case .syntax(let error): "what is to be signed is malformed: \(error)"
        case .differs(let field): "the revocation list to be signed has another \(field.rawValue) than intended"
        case .issuerCannotSign: "the CA's certificate does not permit its key to sign revocation lists"
        }
    }
}

package enum RevocationListField: String, Sendable {
    case signatureAlgorithm = "signature algorithm"
    case issuer
    case thisUpdate = "begin"
    case nextUpdate = "end"
    case entries = "set of entries"
    case authorityKeyIdentifier = "authority key identifier"
    case number
    case base = "number of the full list"
    case distributionPoint = "distribution point"
    case freshest = "address of delta lists"
}
