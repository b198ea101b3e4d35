// Records of a SIPStack trace against those of the real product, as published: the files of scenario/trace, in which {…} stands for a
// value, its form or its name inside. Everything else is exact: order, case, spaces, parameters.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

const ADDRESS = '(?:\\d+\\.){3}\\d+';
const HOST = '[a-z0-9.-]+';
const PORT = '\\d{1,5}';

// A value with a name is the same wherever the record has it.
const named = {
	'port': PORT, 'port A': PORT, 'port B': PORT, 'port C': PORT, 'edge fqdn': HOST, 'fe fqdn': HOST,
	'fe ip': ADDRESS, 'client ip': ADDRESS, 'edge external ip': ADDRESS,
};

const forms = {
	'8 hex': '[0-9a-f]{8}', '10 hex': '[0-9a-f]{10}', '32 hex': '[0-9a-f]{32}', 'hex': '[0-9a-f]+',
	'8 HEX': '[0-9A-F]{8}', '10 HEX': '[0-9A-F]{10}', '16 HEX': '[0-9A-F]{16}', 'HEX': '[0-9A-F]+',
	'22 base64url': '[A-Za-z0-9_-]{22}', '58 base64url, the last 10 alike': '[A-Za-z0-9_-]{48}AAAAAAAAAA',
	'n': '\\d+', "n, the request's": '\\d+', '8 HEX, the next': '[0-9A-F]{8}', 'n of the body': '\\d+',
	'name': '[^"\\r\\n]+', 'aor': `[^@<>\\s]+@${HOST}`, 'address': `[^@<>\\s]+@${HOST}`,
	'ip that the clearing house saw': ADDRESS,
};

const quoted = (text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
const group = (name) => name.replace(/ /g, '_');

function patternOf(line) {
	const seen = new Set();
	const parts = line.split(/\{([^}]+)\}/).map((part, i) => {
		if (i % 2 === 0)
			return quoted(part);
		const form = named[part] ?? forms[part];

		assert.ok(form, `{${part}} is not known`);
		if (!(part in named))
			return form;
		const first = !seen.has(part);

		seen.add(part);
		return first ? `(?<${group(part)}>${form})` : `\\k<${group(part)}>`;
	});

	return new RegExp(`^${parts.join('')}$`);
}

/** The records of a trace, each as its lines behind the first one, up to the end mark. */
export function recordsOf(trace) {
	return trace.split(/^TL_\w+\(TF_\w+\) .*\$\$begin_record\n/m).slice(1).map((record) => record.trimEnd().split('\n'));
}

/** Check that a record equals the published one. Lines that this was published without are left out. */
export async function assertPublished(record, name, leftOut = []) {
	const file = new URL(`scenario/trace/${name}.txt`, import.meta.url);
	const expected = (await readFile(file, 'utf8')).trimEnd().split('\n');
	const lines = record.filter((line) => !leftOut.some((start) => line.startsWith(`${start}: `)));
	const values = {};

	for (const [i, line] of expected.entries()) {
		assert.match(lines[i] ?? '', patternOf(line), `${name}, line ${i + 1}`);
		for (const [key, value] of Object.entries(lines[i].match(patternOf(line)).groups ?? {})) {
			assert.equal(values[key] ?? value, value, `${name}, line ${i + 1}: ${key}`);
			values[key] = value;
		}
	}
	assert.equal(lines.length, expected.length, `${name} has ${expected.length} lines`);
	return values;
}

/** The value of a line. */
export function valueOf(record, name) {
	return record.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
}

/** Lines that the push of an instant message and its answer were published without. */
export const UNPUBLISHED = ['Trace-Correlation-Id', 'Instance-Id', 'Direction'];

/** The ways of messages at the Edge: a request that comes and goes on, an answer that comes and goes back. */
export const INSIDE_OUT = 'incoming;source="internal edge";destination="external edge"';
export const OUT = 'outgoing;source="internal edge";destination="external edge"';
export const IN = 'incoming;source="external edge";destination="internal edge"';
export const BACK = 'outgoing;source="external edge";destination="internal edge"';

/** The first record of a message that went this way, whose first line begins like this, and which has these words. */
export function find(records, start, way, words = '') {
	const found = records.find((r) => valueOf(r, 'Start-Line')?.startsWith(start) && valueOf(r, 'Direction') === way &&
		r.some((line) => line.includes(words)));

	assert.ok(found, `${start} ${way} ${words}\n${records.map((r) => r.join('\n')).join('\n\n')}`);
	return found;
}
