// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import OpenIDConnect

@Suite struct JSONReaderTests {
    @Test func `a document is read as it is written`() throws {
        let text = #" {"a" : [1, -2.5e1, true, null, {"b":"\u00e9\ud83d\ude00\n\"\/"}], "c":"é", "d": 1e19} "#
        #expect(
            try JSONReader.object(text.utf8) == [
                "a": .array([.integer(1), .number(-25), .bool(true), .null, .object(["b": .string("é😀\n\"/")])]),
                "c": .string("é"), "d": .number(1e19),
            ])
    }

    @Test(arguments: [
        #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, #"{"x":{"a":1,"b":2,"a":1}}"#,
    ])
    func `a member that stands twice is refused`(_ text: String) {
        #expect(throws: JSONError.duplicate("a")) { try JSONReader.object(text.utf8) }
    }

    @Test(arguments: [
        "", "{", "{}x", "{}{}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{,"a":1}"#, #"{'a':1}"#, #"{"a":01}"#, #"{"a":+1}"#,
        #"{"a":.5}"#, #"{"a":1.}"#, #"{"a":1e}"#, #"{"a":1e999}"#, #"{"a":NaN}"#, #"{"a":tru}"#, #"{"a":"\x"}"#,
        #"{"a":"\ud800"}"#, #"{"a":"\udc00"}"#, #"{"a":"\ud800\u0041"}"#, #"{"a":"\u00g0"}"#, #"{"a":"b"#, "{\"a\":\"\n\"}",
        #"{"a":[1,]}"#, #"{"a":[1 2]}"#, "{\"a\":1\u{b}}", #"/**/{}"#, #"[]"#, #""a""#, "1",
    ])
    func `what is no object of RFC 8259 is refused`(_ text: String) {
        #expect(throws: JSONError.self) { try JSONReader.object(text.utf8) }
    }

    @Test func `bytes that are no UTF-8 are refused`() {
        #expect(throws: JSONError.notUTF8) { try JSONReader.object(Array(#"{"a":"#.utf8) + [0x22, 0xC3, 0x22, 0x7D]) }
    }

    @Test func `depth is limited`() {
        let deep = #"{"a":"# + String(repeating: "[", count: 100_000)
        #expect(throws: JSONError.tooDeep) { try JSONReader.object(deep.utf8) }
    }

    @Test func `a document cut short is refused at every byte`() throws {
        let bytes = Array(#"{"a":[1,-2.5,true,{"b":"\u00e9é"}]}"#.utf8)
        for end in bytes.indices {
            #expect(throws: JSONError.self) { try JSONReader.object(bytes[..<end]) }
        }
    }

    /// Foundation, which is laxer in some ways, must agree with whatever is accepted here.
    @Test func `what is accepted after a change of one byte, Foundation reads too`() throws {
        let bytes = Array(#"{"iss":"https://a.example","n":[0,10.5e-1],"t":true}"#.utf8)
        for index in bytes.indices {
            for byte in UInt8(0x20)...0x7E {
                var changed = bytes
                changed[index] = byte
                guard (try? JSONReader.object(changed)) != nil else { continue }
                #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(changed)) }
            }
        }
    }

    @Test func `base64url has one text for given bytes`() {
        #expect(Base64URL.decode("_-8") == [0xFF, 0xEF])
        for text in ["_-8=", "/+8", "_-9", "_", "_-8\n", "_ -8", "é"] { #expect(Base64URL.decode(text) == nil, "\(text)") }
    }
}
