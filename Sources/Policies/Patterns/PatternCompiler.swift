// SPDX-License-Identifier: Apache-2.0

/// Turns syntax into a program, writing repeats out.
struct PatternCompiler {
    private(set) var program: [TextPattern.Instruction] = []
    /// Steps are bounded as well as instructions: `((){200}){200}` writes nothing, many times.
    private var steps = 0

    mutating func compile(_ syntax: PatternSyntax) throws(TextPatternError) {
        steps += 1
        guard program.count < TextPattern.maximumInstructions, steps < 10 * TextPattern.maximumInstructions else {
            throw .tooLarge
        }
        switch syntax {
        case .scalar(let scalars): program.append(.scalar(scalars))
        case .start: program.append(.start)
        case .end: program.append(.end)
        case .sequence(let parts):
            for part in parts { try compile(part) }
        case .choice(let first, let second):
            let split = reserve()
            try compile(first)
            let jump = reserve()
            program[split] = .split(split + 1, program.count)
            try compile(second)
            program[jump] = .jump(program.count)
        case .repeated(let part, let minimum, let maximum):
            for _ in 0..<minimum { try compile(part) }
            if let maximum {
                for _ in minimum..<maximum { _ = try compileOptional(part) }
            } else {
                let split = try compileOptional(part)
                program.append(.jump(split))
                program[split] = .split(split + 1, program.count)
            }
        }
    }

    private mutating func compileOptional(_ part: PatternSyntax) throws(TextPatternError) -> Int {
        let split = reserve()
        try compile(part)
        program[split] = .split(split + 1, program.count)
        return split
    }

    /// The place of an instruction whose target is not known yet.
    private mutating func reserve() -> Int {
        program.append(.jump(program.count))
        return program.count - 1
    }
}
