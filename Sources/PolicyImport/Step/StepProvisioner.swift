// SPDX-License-Identifier: Apache-2.0

/// Types of provisioners that become rules, as `ca.json` writes them, in lower case.
enum StepProvisionerKind: String {
    case jwk
    case oidc
    case x5c
    case k8sSA = "k8ssa"

    /// Why the others do not.
    static let reasons = [
        "acme": "names are proven by a challenge there, and no policy says who may ask",
        "sshpop": "it renews certificates by themselves, which mayfly does under its rules",
        "scep": "the protocol is not spoken", "nebula": "certificates of Nebula are not checked",
        "aws": cloud, "gcp": cloud, "azure": cloud,
    ]
    static let advice = [
        "acme": "give each server a role with its names",
        "aws": "give each kind of instance a role with its names", "gcp": "give each kind of instance a role with its names",
        "azure": "give each kind of instance a role with its names",
    ]
    private static let cloud = "an instance may take any name unless custom names are off, and then names the file does not say"

    /// Settings of the four that are not policy.
    static let settings = [
        "key": "keys of provisioners are not used", "encryptedKey": "keys of provisioners are not used",
        "roots": "certificates of that CA do not prove an identity here", "publicKeys": "service accounts are not checked here",
        "clientSecret": "write secrets into the configuration of the provider, by hand",
        "listenAddress": "the client chooses it", "scopes": "a setting of the provider",
        "authParams": "a setting of the provider",
    ]
}

/// One provisioner, as far as all types have the same.
struct StepProvisioner {
    let path: String
    let name: String
    let kind: StepProvisionerKind
    let claims: StepClaims
    let hasX509Template: Bool
    let hasSSHTemplate: Bool
}
