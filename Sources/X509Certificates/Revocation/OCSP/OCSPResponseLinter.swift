// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

/// Reads the final to-be-signed bytes of a response again and holds every field against what was intended.
package enum OCSPResponseLinter {
    package static func check(
        _ toBeSigned: [UInt8], says profile: OCSPResponseProfile, responder: OCSPResponder
    ) throws(OCSPResponseLintError) {
        let fields = try decoding(orThrow: OCSPResponseLintError.malformed) {
            try OCSPResponseFields(DER.parse(toBeSigned))
        }
        let answers = zip(fields.answers, profile.answers)
        let checks: [(OCSPResponseField, Bool)] = [
            (.responder, fields.keyHash.elementsEqual(responder.keyHash)),
            (.producedAt, fields.producedAt == profile.producedAt),
            (.answers, fields.answers.count == profile.answers.count),
            (.certificate, answers.allSatisfy { $0.certificate == $1.certificate }),
            (.status, answers.allSatisfy { $0.claim == $1.claim }),
            (.thisUpdate, answers.allSatisfy { $0.thisUpdate == $1.thisUpdate }),
            (.nextUpdate, answers.allSatisfy { $0.nextUpdate == $1.nextUpdate }),
            (.nonce, fields.nonce == profile.nonce),
        ]
        for (field, isAsIntended) in checks where !isAsIntended { throw .differs(field) }
    }
}

/// What final to-be-signed bytes say that was not intended. Nothing may be signed.
package enum OCSPResponseLintError: Error, Hashable, CustomStringConvertible {
    case malformed
    case differs(OCSPResponseField)
    /// By object identifier; or it is critical, or there twice.
    case unexpectedExtension(String)

    package var description: String {
        switch self {
        case .malformed: "the bytes to be signed are not an OCSP response in DER"
        case .differs(let field): "the OCSP response to be signed has another \(field.rawValue) than intended"
        case .unexpectedExtension(let identifier):
            "the OCSP response to be signed has the extension `\(identifier)`, which nobody asked for"
        }
    }
}

package enum OCSPResponseField: String, Sendable {
    case responder
    case producedAt = "time of production"
    case answers = "number of answers"
    case certificate
    case status
    case thisUpdate = "begin"
    case nextUpdate = "end"
    case nonce
}
