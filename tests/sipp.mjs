// SIPp as a peer. It can exit 0 although calls are missing, so the calls that it counts as successful are
// checked as well.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';

// SuccessfulCall(C) in the last row of SIPp's statistics.
function countSuccess(csv) {
	const rows = csv.trim().split('\n').map((row) => row.split(';'));
	const column = rows[0].indexOf('SuccessfulCall(C)');

	return column < 0 || rows.length < 2 ? 0 : Number(rows.at(-1)[column]);
}

/** Play a scenario to its end, as a caller of the target, or as a server if that is null. */
export async function runSipp(lab, file, options = {}) {
	const { transport = 'tcp', target = lab.ready.sip[transport], keys = {}, calls = 1, timeoutMs = 20000 } = options;
	const { own = ['-i', '127.0.0.1'], args = [] } = options;
	const errors = path.join(lab.dir, `sipp-${randomBytes(4).toString('hex')}.errors`);
	const stats = `${errors}.csv`;
	const all = [
		...(target ? [target] : []), '-sf', path.resolve(file), '-m', String(calls), '-l', String(calls),
		'-t', transport === 'tcp' ? 't1' : 'u1', ...own, '-nostdin',
		'-timeout', `${Math.ceil(timeoutMs / 1000)}s`, '-timeout_error', '-trace_err', '-error_file', errors,
		'-trace_stat', '-stf', stats, ...args,
	];

	for (const [name, value] of Object.entries(keys))
		all.push('-key', name, String(value));
	const result = await lab.run('/usr/bin/sipp', all, { env: { ...process.env, TERM: 'dumb' } });
	const complaint = await readFile(errors, 'utf8').catch(() => '');
	const succeeded = countSuccess(await readFile(stats, 'utf8').catch(() => ''));

	assert.ok(result.code === 0 && succeeded === calls,
		`sipp ${path.basename(file)} over ${transport}: exit ${result.code}, ` +
		`${succeeded} of ${calls} calls\n${complaint}${result.stderr}`);
}
