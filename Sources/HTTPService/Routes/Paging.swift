// SPDX-License-Identifier: Apache-2.0

extension Array {
    /// Of a page: where the one after it begins; nil for the last.
    func next<Place>(_ place: KeyPath<Element, Place>, ofPage size: Int) -> Place? {
        count == size ? last?[keyPath: place] : nil
    }
}
