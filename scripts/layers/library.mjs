// Library headers that a file sees only through headers of ours: when such an include is removed, the file has
// to include what it uses of the library itself.
import { spawnSync } from 'node:child_process';
import { Declarations } from './declarations.mjs';
import { tokenize, words } from './source.mjs';

// Names that many headers bring, and the header that is there for them.
const HOMES = {
	bool: 'stdbool.h', true: 'stdbool.h', false: 'stdbool.h', size_t: 'stddef.h', NULL: 'stddef.h',
	...Object.fromEntries(['int64_t', 'uint64_t', 'uint32_t', 'uint16_t', 'uint8_t'].map((t) => [t, 'stdint.h'])),
};

export class Libraries {
	#names = new Map(); // header: Set of what it declares, through others as well

	constructor(flags) {
		this.flags = flags;
	}

	names(header) {
		if (!this.#names.has(header)) {
			const { stdout } = spawnSync('gcc', ['-E', '-dD', '-D_GNU_SOURCE', ...this.flags, '-x', 'c', '-'],
				{ input: `#include <${header}>\n`, encoding: 'utf8', maxBuffer: 1 << 28 });
			const source = tokenize(stdout);
			const macros = source.directives.filter((d) => d.name === 'define').map((d) => d.tokens[0]);

			this.#names.set(header, new Set([...new Declarations(source.tokens).names(), ...macros]));
		}
		return this.#names.get(header);
	}

	/** The library headers that a file needs when of those it sees (`before`) only some are left (`after`). */
	needed(source, before, after) {
		const lost = before.filter((header) => !after.includes(header));
		const needed = new Set();
		const has = (headers, word) => [...headers].some((header) => this.names(header).has(word));

		for (const { word } of lost.length > 0 ? words(source) : []) {
			const candidates = lost.filter((header) => this.names(header).has(word));

			if (candidates.length === 0 || has(needed, word) || has(after, word))
				continue;
			candidates.sort((a, b) => this.names(a).size - this.names(b).size);
			needed.add(HOMES[word] ?? candidates[0]);
		}
		return [...needed];
	}
}
