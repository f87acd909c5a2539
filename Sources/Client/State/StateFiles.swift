// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// The files of one server's state, as they must be: for their owner alone, whatever put them there.
enum StateFiles {
    /// - Throws: `openToOthers` for the first file or folder that others could read or change, `unreadable` for one that
    ///   is none of ours.
    static func check(_ directory: String) throws(ClientError) {
        let files = FileManager.default
        guard let paths = try? files.subpathsOfDirectory(atPath: directory) else { throw .unreadable(path: directory) }
        for path in [directory] + paths.sorted().map({ "\(directory)/\($0)" }) {
            // Gone since it was listed: nothing to read.
            guard let attributes = try? files.attributesOfItem(atPath: path) else { continue }
            guard let type = attributes[.type] as? FileAttributeType, type == .typeRegular || type == .typeDirectory else {
                throw .unreadable(path: path)
            }
            guard let mode = attributes[.posixPermissions] as? Int, mode & 0o077 == 0 else {
                throw .openToOthers(path: path)
            }
        }
    }
}
