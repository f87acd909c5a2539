// SPDX-License-Identifier: Apache-2.0

/// DER that a test can change and write again with right lengths, so that only the one change is wrong.
struct DERTree {
    var tag: UInt8
    var contents: [UInt8] = []
    var children: [DERTree] = []

    init(_ tag: UInt8, _ contents: [UInt8]) {
        self.tag = tag
        self.contents = contents
    }

    init(_ tag: UInt8, of children: [DERTree]) {
        self.tag = tag
        self.children = children
    }

    static let null = DERTree(0x05, [])
    static let emptySequence = DERTree(0x30, of: [])

    /// - Parameter bytes: one element, valid.
    init(_ bytes: [UInt8]) {
        var rest = bytes[...]
        self.init(&rest)
    }

    private init(_ bytes: inout ArraySlice<UInt8>) {
        tag = bytes.removeFirst()
        var length = Int(bytes.removeFirst())
        if length >= 0x80 {
            let count = length - 0x80
            length = bytes.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            bytes.removeFirst(count)
        }
        var inside = bytes.prefix(length)
        bytes.removeFirst(length)
        if tag & 0x20 == 0 {
            contents = Array(inside)
        } else {
            while !inside.isEmpty { children.append(DERTree(&inside)) }
        }
    }

    var bytes: [UInt8] {
        let body = tag & 0x20 == 0 ? contents : children.flatMap(\.bytes)
        let length: [UInt8] =
            body.count < 0x80
            ? [UInt8(body.count)]
            : body.count < 0x100 ? [0x81, UInt8(body.count)] : [0x82, UInt8(body.count >> 8), UInt8(body.count & 0xff)]
        return [tag] + length + body
    }

    subscript(_ path: Int...) -> DERTree {
        get { path.reduce(self) { $0.children[$1] } }
        set { set(path[...], newValue) }
    }

    private mutating func set(_ path: ArraySlice<Int>, _ value: DERTree) {
        guard let first = path.first else { return self = value }
        children[first].set(path.dropFirst(), value)
    }
}
