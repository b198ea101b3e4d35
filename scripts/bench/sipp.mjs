// SIPp as a caller or as the device that Kamailio calls. It can exit 0 although calls are missing, so its
// counters are read as well.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isBound, start, until } from './proc.mjs';

const here = path.dirname(new URL(import.meta.url).pathname);
const BUFFER = '8388608';
const PATIENCE_S = 120; // for the calls that are still open when the last one has been placed

function parseCsv(file) {
	const [head, ...rows] = readFileSync(file, 'utf8').trim().split('\n').map((line) => line.split(';'));

	return rows.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i]])));
}

// SIPp does not speak TLS itself: stunnel does, and in its messages TLS has to be written. Then the connection is the only way
// to it, which mcxd takes where a Contact has a name that it does not know.
function fileFor({ scenario, transport, folder }) {
	const file = path.join(here, `${scenario}.xml`);

	if (transport !== 'tls')
		return file;
	const copy = path.join(folder, `${scenario}.xml`);

	writeFileSync(copy, readFileSync(file, 'utf8').replaceAll('[transport]', 'TLS'));
	return copy;
}

function args({ scenario, address, transport, calls, folder, name }) {
	const [host, port] = address.split(':');
	const contact = transport === 'tls' ? 'caller.invalid;transport=tls' : `${address};transport=${transport}`;

	return ['-sf', fileFor({ scenario, transport, folder }), '-i', host, '-p', port,
		'-key', 'contact', contact, '-t', transport === 'udp' ? 'u1' : 't1', '-m', String(calls), '-l', '200000', '-nostdin',
		'-buff_size', BUFFER, '-fd', '1', '-trace_stat', '-stf', path.join(folder, `${name}.csv`),
		'-trace_err', '-error_file', path.join(folder, `${name}.errors`), '-trace_counts',
		'-trace_rtt', '-rtt_freq', '1'];
}

// The device; resolves once it can be called.
export async function startDevice(options) {
	const { address, transport, folder } = options;
	const device = start('sipp', args({ ...options, scenario: 'device', name: 'device' }),
		{ log: path.join(folder, 'device.log'), cwd: folder });

	await until(() => isBound(transport, address), device, 'its socket');
	return device;
}

// A caller: {process, result()}. users: the file with the users to call, one after another.
export function startCaller(options) {
	const { scenario, target, users, rate, folder } = options;
	const patience = Math.ceil(options.calls / rate) + PATIENCE_S;
	const name = `caller-${options.calls}`;
	const process = start('sipp', [target, ...args({ ...options, name }), '-inf', users, '-r', String(rate),
		'-timeout', `${patience}s`, '-timeout_error'],
		{ log: path.join(folder, `${name}.log`), cwd: folder });

	return { process, folder, scenario, stats: path.join(folder, `${name}.csv`), calls: options.calls };
}

export async function finish(caller) {
	const code = await caller.process.ended;
	const row = parseCsv(caller.stats).at(-1);
	const result = {
		ok: Number(row['SuccessfulCall(C)']),
		failed: Number(row['FailedCall(C)']),
		retransmissions: Number(row['Retransmissions(C)']),
	};

	if (code !== 0 || result.ok !== caller.calls || result.failed !== 0) {
		result.trouble = `SIPp ended with ${code}: ${result.ok} of ${caller.calls} calls good, ` +
			`${result.failed} failed; see ${caller.folder}`;
	}
	return result;
}

function fileOf(caller, suffix) {
	const name = readdirSync(caller.folder).find((file) =>
		file.startsWith(`${caller.scenario}_${caller.process.child.pid}_`) && file.endsWith(suffix));

	return name && path.join(caller.folder, name);
}

// How many answers with this status the caller has received so far.
export function answersSoFar(caller, status) {
	const file = fileOf(caller, '_counts.csv');

	if (!file || !existsSync(file))
		return 0;
	const row = parseCsv(file).at(-1) ?? {};
	const column = Object.keys(row).find((name) => name.endsWith(`_${status}_Recv`));

	return column ? Number(row[column]) : 0;
}

// Milliseconds from the INVITE of a "held" caller to the final response, shortest first.
export function timesOf(caller) {
	return parseCsv(fileOf(caller, '_rtt.csv')).map((row) => Number(row.response_time_ms))
		.sort((a, b) => a - b);
}
