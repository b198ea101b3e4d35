// What scripts/bench/run prints.
import { execFileSync } from 'node:child_process';
import os from 'node:os';

const COLUMNS = [46, 12, 12, 8];

function firstLine(command, args) {
	return execFileSync(command, args, { encoding: 'utf8' }).split('\n')[0];
}

export function printFacts() {
	const gigabytes = Math.round(os.totalmem() / 2 ** 30);

	console.log(`${os.cpus()[0].model}, ${os.cpus().length} cores, ${gigabytes} GB, Linux ${os.release()}`);
	console.log(`${firstLine('kamailio', ['-v'])}; load generators on the same cores, loopback\n`);
}

function printRow(cells) {
	console.log(cells.map((cell, i) =>
		(i === 0 ? cell.padEnd(COLUMNS[i]) : cell.padStart(COLUMNS[i]))).join(''));
}

// One figure of both sides, and Kamailio's divided by mcxd's.
function figure(results, name, pick, digits, unit) {
	const values = ['mcxd', 'kamailio'].map((side) => (results[side] ? pick(results[side]) : undefined));
	const cells = values.map((value) => (value === undefined ? '-' : `${value.toFixed(digits)} ${unit}`));
	const ratio = values.includes(undefined) ? '-' : (values[0] / values[1]).toFixed(2);

	printRow([name, ...cells, ratio]);
}

function plain(results, name, pick) {
	printRow([name, ...['mcxd', 'kamailio'].map((side) => (results[side] ? String(pick(results[side])) : '-')), '']);
}

function printFlow(results, plan) {
	figure(results, `CPU per accepted flow, UDP, ${plan.rate}/s`, (side) => side.udp.us, 0, 'us');
	figure(results, `CPU per accepted flow, TCP, ${plan.rate}/s`, (side) => side.tcp.us, 0, 'us');
	figure(results, '  with mcxd\'s journal on, UDP', (side) => (side.udpJournal ?? side.udp).us, 0, 'us');
	figure(results, '  with mcxd\'s journal on, TCP', (side) => (side.tcpJournal ?? side.tcp).us, 0, 'us');
	if (results.mcxd?.tcpJournal) {
		const { tcp, tcpJournal } = results.mcxd;

		printRow([`  of it for each of ${tcpJournal.records.toFixed(0)} records`,
			`${((tcpJournal.us - tcp.us) / tcpJournal.records).toFixed(1)} us`, '-', '-']);
	}
	plain(results, `  good of ${plan.rounds * plan.flows}, UDP and TCP`, (side) => `${side.udp.ok} ${side.tcp.ok}`);
	if (results.mcxd?.tls)
		printRow([`CPU per accepted flow, TLS over TCP`, `${results.mcxd.tls.us.toFixed(0)} us`,
			`${results.mcxd.tcp.us.toFixed(0)} us`, (results.mcxd.tls.us / results.mcxd.tcp.us).toFixed(2)]);
	plain(results, '  retransmissions over UDP, most in a round', (side) => side.udp.retransmissions);
}

function printHold(results, plan) {
	const growth = (side) => side.many.us / side.few.us;

	figure(results, `CPU per held INVITE, ${plan.few} held`, (side) => side.few.us, 1, 'us');
	figure(results, `CPU per held INVITE, ${plan.held} held`, (side) => side.many.us, 1, 'us');
	figure(results, `  cost at ${plan.held} over cost at ${plan.few}`, growth, 2, '');
	plain(results, '  answered 180 and 408', (side) => side.many.ok);
	figure(results, 'memory per held INVITE', (side) => side.taken.bytes / 1024, 1, 'kB');
	figure(results, 'CPU per 408', (side) => side.many.finalUs, 0, 'us');
	if (results.mcxd?.journal) {
		figure(results, '  with mcxd\'s journal on, held', (side) => (side.journal ?? side.many).us, 1, 'us');
		figure(results, '  with mcxd\'s journal on, 408', (side) => (side.journal ?? side.many).finalUs, 0, 'us');
	}
	plain(results, '408: the earliest, after its time, +-4 ms', (side) => `${side.many.earliestMs} ms`);
}

const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} kB`;

function printRows(title, rows) {
	console.log(title);
	for (const [what, figures] of rows)
		console.log(`${what.padEnd(COLUMNS[0])} ${figures}`);
}

// What has no counterpart: a figure, and what it is made of.
export function printTransport(t, plan) {
	const rows = [
		[`OPTIONS over UDP, ${plan.options.rate}/s, ${plan.options.seconds} s`,
			`${t.options.answered} of ${t.options.sent} answered, p99 ${t.options.p99} ms, max ${t.options.max} ms`],
		[`${plan.burst} INVITEs at once to nobody`, `${t.unknown['404'] ?? 0} answered 404, peak ${megabytes(t.unknown.peak)}`],
		[`${plan.burst} INVITEs at once to sleeping phones`,
			`${t.asleep.ringing} answered 180, ${t.asleep['408'] ?? 0} 408, peak ${megabytes(t.asleep.peak)}`],
		[`a peer that sends ${plan.deaf} and reads nothing`, `${megabytes(t.deaf.more)} more (${t.deaf.end}); ` +
			`others: ${t.deaf.others.answered} of ${t.deaf.others.sent} answered, p99 ${t.deaf.others.p99} ms`],
		['an idle connection', `TCP ${kilobytes(t.idle.tcp)}, TLS ${kilobytes(t.idle.tls)}`],
		[`${t.comeAndGo.n} TLS connections, good and garbage`,
			`${megabytes(t.comeAndGo.early)} after a fifth, ${megabytes(t.comeAndGo.late)} in the end`],
	];

	printRows('The transport of mcxd', rows);
}

export function printPolls({ few, many, late }) {
	printRows('Event requests that phones hold by TLS', [
		['a phone that is signed in and holds one', `${kilobytes(many.bytes)}, of ${many.n}`],
		['an invitation that wakes one of them twice',
			`${few.us.toFixed(0)} us of ${few.n}, ${many.us.toFixed(0)} us of ${many.n}: ${(many.us / few.us).toFixed(2)}`],
		[`408s beside ${late.rate} TLS handshakes/s`, `${late['408']} of ${late.sent}, late: p99 ${late.p99} ms, max ${late.max} ms; ` +
			`${late.handshakes.answered} of ${late.handshakes.sent} handshakes`],
	]);
}

export function printStores(rows) {
	const cost = ({ us, p50, p99, lost, failed }) => `${us.toFixed(0)} us, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms` +
		(lost + failed ? `, ${lost} lost, ${failed} refused` : '');

	printRows('MESSAGEs to phones, until the 200', rows.flatMap(({ rate, memory, disk }) => [
		[`${rate} a second, kept in memory`, cost(memory)],
		[`${rate} a second, kept on disk`, `${cost(disk)}: ${(disk.us - memory.us).toFixed(0)} us more`],
	]));
}

export function printPushes({ off, on, silence }, { pushes, silence: { rate } }) {
	const cost = ({ n, us, inviteUs, failed, lost, unanswered }) => `${us.toFixed(0)} us (beside ${inviteUs.toFixed(0)} us of the INVITE); ` +
		`${failed} refused and ${lost} lost of ${n}${unanswered ? `, ${unanswered} INVITEs without a 408` : ''}`;
	const times = ({ p50, p99, failed }) => `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${failed} refused`;
	const besideSilence = (what, { alone, beside, unheard }) => [
		[`${rate} a second by ${what}, alone`, times(alone)],
		[`  beside ${rate / 10} a second to an MPNS that is silent`, times(beside)],
		['  the latter', times(unheard)],
	];

	printRows('Pushes by front end, Edge, clearing house and MPNS in one process, without TLS', [
		[`${pushes.rate} a second, ${pushes.seconds} s`, cost(off)],
		['  with the journal on', cost(on)],
		...besideSilence('MPNS', silence.mpns),
		...besideSilence('APNs', silence.apns),
	]);
}

export function printFleet({ flows, lost, perSecond, cpuUsPerFlow, mcxdUs }) {
	printRows('Accepted flows in a whole lab, by mcxsim fleet', [
		['flows', `${flows}, ${lost} lost; ${perSecond.toFixed(0)}/s`],
		['CPU of mcxd, with all its roles, per flow', `${mcxdUs.toFixed(0)} us`],
		['CPU of the fleet per flow', `${cpuUsPerFlow.toFixed(0)} us: ${(1e6 / cpuUsPerFlow).toFixed(0)} flows a CPU second`],
	]);
}

// parts: {flow, hold, transport}, the measurements.
export function printTable(results, plan, parts) {
	printRow(['', 'mcxd', 'Kamailio', 'ratio']);
	if (parts.flow)
		printFlow(results, plan);
	if (parts.hold)
		printHold(results, plan);
}
