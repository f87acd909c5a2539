// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore

/// `openapi.json` beside this file, embedded at build time: the description travels with the service it describes.
enum OpenAPI {
    static let reply = Reply(
        status: .ok, contentType: "application/json", body: ByteBuffer(bytes: PackageResources.openapi_json))
}
