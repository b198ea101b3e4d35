// mcxd beside Kamailio, on this machine, in one run. See scripts/bench/run.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { askLab } from './lab.mjs';
import { cpuOf, freeAddress, memoryOf, stop, stopAll, until } from './proc.mjs';
import { HOST, begin, end, usersFile } from './sides.mjs';
import { startStunnel } from './stunnel.mjs';
import { answersSoFar, finish, startCaller, timesOf } from './sipp.mjs';
import { printFacts, printFleet, printPolls, printPushes, printStores, printTable, printTransport } from './table.mjs';
import { measureFleet } from './fleet.mjs';
import { measureMessages } from './messages.mjs';
import { measureLate, measurePolls } from './polls.mjs';
import { measurePushes, measureSilence } from './pushes.mjs';
import { measureBurst, measureComeAndGo, measureConnections, measureDeaf, measureOptions } from './transport.mjs';

// SIPp reads CLOCK_MONOTONIC_COARSE, so a time that it reports is off by up to one tick of the kernel.
const CLOCK_STEP_MS = 4;
const JOURNAL_RECORDS = 10000;
const HELD_USERS = 10000; // at most; further INVITEs are for the same users again

const { values: options } = parseArgs({
	options: {
		quick: { type: 'boolean', default: false },
		only: { type: 'string' }, // "mcxd" or "kamailio"
		flow: { type: 'boolean', default: false }, // (a) alone
		hold: { type: 'boolean', default: false }, // (b) alone
		transport: { type: 'boolean', default: false }, // (c) alone
		polls: { type: 'boolean', default: false }, // (d) alone
		messages: { type: 'boolean', default: false }, // (e) alone
		pushes: { type: 'boolean', default: false }, // (f) alone
		fleet: { type: 'boolean', default: false }, // (g) alone
		build: { type: 'string', default: 'build' },
		phones: { type: 'string' },
		load: { type: 'string' },
	},
});

// The two plans: the full measurement, and one that only shows that everything works.
const plan = options.quick
	? { rate: 200, rounds: 1, flows: 2000, held: 3000, few: 500, heldRate: 1000, fewWaitMs: 3000, waitMs: 9000, repeats: 2,
		options: { rate: 2000, seconds: 2 }, burst: 2000, deaf: 30000, idle: 200, comeAndGo: 500,
		polls: { few: 50, many: 500, invitations: 400, waitMs: 2000 }, late: { rate: 50, seconds: 2, handshakes: 50, waitMs: 2000 },
		messages: { rates: [200], seconds: 2 }, pushes: { rate: 200, seconds: 2 }, silence: { rate: 100, seconds: 2 },
		fleet: { phones: 50, flows: 500, rate: 100 } }
	: { rate: 1000, rounds: 5, flows: 8000, held: 50000, few: 1000, heldRate: 2500, fewWaitMs: 5000, waitMs: 45000, repeats: 5,
		options: { rate: 17000, seconds: 10 }, burst: 20000, deaf: 30000, idle: 1000, comeAndGo: 5000,
		polls: { few: 100, many: 9000, invitations: 4000, waitMs: 5000 }, late: { rate: 200, seconds: 10, handshakes: 200, waitMs: 3000 },
		messages: { rates: [1, 1000, 5000], seconds: 10 }, pushes: { rate: 5000, seconds: 60 }, silence: { rate: 1000, seconds: 10 },
		fleet: { phones: 500, flows: 20000, rate: 1000 } };

const top = mkdtempSync(path.join(os.tmpdir(), 'mcxd-bench-'));
const troubles = [];

function note(text) {
	process.stderr.write(`${text}\n`);
}

function newFolder(name) {
	const folder = path.join(top, name);

	mkdirSync(folder, { recursive: true });
	return folder;
}

function trouble(what, text) {
	troubles.push(`${what}: ${text}`);
	note(`${what}: ${text}`);
}

// How many records a journal has taken; 0 without one.
async function recordsOf(run) {
	return run.lab ? JSON.parse(await askLab(run.lab, '/lab/v1/status')).journal.last : 0;
}

// (a) CPU of one accepted conversation. mcxd's journal, for which Kamailio has no counterpart here, is off
// unless it has room for records. Each conversation is with a phone of its own: a phone's conversations, one after another,
// would depend on how fast a busy machine ends them.
async function measureFlow(side, transport, journalRecords, round) {
	const what = `${side}, accepted over ${transport}${journalRecords ? ', with a journal' : ''}`;
	const folder = newFolder(`flow-${side}-${transport}-${journalRecords}-${round}`);
	const calls = plan.flows;

	note(`${what}: ${calls} at ${plan.rate}/s`);
	const run = await begin(side, { ...options, folder, transport, accept: true, calls,
		nUsers: calls, waitMs: 30000, readyMemory: true, journalRecords });
	const stunnel = transport === 'tls' &&
		await startStunnel({ folder, host: HOST, connect: run.target, ca: run.ca });
	const recordsBefore = await recordsOf(run);
	const before = cpuOf(run.server);
	const caller = startCaller({ scenario: 'accepted', target: stunnel ? stunnel.address : run.target, transport, calls, folder,
		rate: plan.rate, users: usersFile(folder, calls), address: await freeAddress(HOST) });
	const result = await finish(caller);
	const cpu = cpuOf(run.server) - before;
	const records = await recordsOf(run) - recordsBefore;
	const counts = await end(run);

	if (stunnel)
		await stop(stunnel.process);
	if (result.trouble)
		trouble(what, result.trouble);
	if (counts.failed || counts.pushes !== calls)
		trouble(what, `the phones say ${JSON.stringify(counts)}`);
	return { us: cpu / result.ok * 1e6, records: records / result.ok, ...result };
}

// One round of held INVITEs; ends with all of them answered 408.
async function holdRound(run, { folder, calls, users, waitMs, what }) {
	const before = { cpu: cpuOf(run.server), memory: memoryOf(run.server) };
	const caller = startCaller({ scenario: 'held', target: run.target, transport: 'tcp', calls, folder,
		rate: plan.heldRate, users, address: await freeAddress(HOST) });

	await until(() => answersSoFar(caller, 180) >= calls, caller.process, `${calls} answers 180`, waitMs + 60000);
	const held = { cpu: cpuOf(run.server), memory: memoryOf(run.server) };
	const result = await finish(caller);
	const after = cpuOf(run.server);
	const times = timesOf(caller);

	if (result.trouble)
		trouble(what, result.trouble);
	return {
		us: (held.cpu - before.cpu) / calls * 1e6,
		bytes: (held.memory - before.memory) / calls,
		finalUs: (after - held.cpu) / calls * 1e6,
		earliestMs: times[0] - waitMs,
		ok: result.ok,
	};
}

function median(values) {
	return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

// (b) Held INVITEs over TCP: `calls` of them, `repeats` times, each on a fresh server. mcxd's journal is off as in (a).
async function measureHold(side, calls, repeats, waitMs, { readyMemory = true, journalRecords = 0 } = {}) {
	const what = `${side}, ${calls} held${journalRecords ? ', with a journal' : ''}`;
	const nUsers = Math.min(calls, HELD_USERS);
	const rounds = [];

	for (let i = 0; i < repeats; i++) {
		const folder = newFolder(`hold-${side}-${calls}-${journalRecords}-${i}`);

		note(`${what}, ${i + 1} of ${repeats}`);
		const run = await begin(side, { ...options, folder, transport: 'tcp', accept: false, calls,
			nUsers, waitMs, readyMemory, journalRecords });

		rounds.push(await holdRound(run, { folder, calls, users: usersFile(folder, nUsers), waitMs, what }));
		await end(run);
	}
	for (const round of rounds) {
		if (round.earliestMs < -CLOCK_STEP_MS && side === 'mcxd')
			trouble(what, `a 408 came ${-round.earliestMs} ms early`);
	}
	return {
		us: median(rounds.map((round) => round.us)),
		bytes: rounds.at(-1).bytes,
		finalUs: median(rounds.map((round) => round.finalUs)),
		earliestMs: Math.min(...rounds.map((round) => round.earliestMs)),
		ok: rounds.at(-1).ok,
	};
}

// Measures the sides alternately, because other load on the machine comes and goes within minutes. Returns the
// median of the rounds, and the highest value of each count.
async function measureFlows(names) {
	const rounds = Object.fromEntries(names.map((name) => [name, {}]));
	const variants = [['udp', 0], ['tcp', 0], ['tls', 0], ['udp', JOURNAL_RECORDS], ['tcp', JOURNAL_RECORDS]];

	for (let round = 0; round < plan.rounds; round++) {
		for (const [transport, journalRecords] of variants) {
			for (const name of names) {
				if (name !== 'mcxd' && (journalRecords || transport === 'tls'))
					continue;
				const key = journalRecords ? `${transport}Journal` : transport;

				(rounds[name][key] ??= []).push(await measureFlow(name, transport, journalRecords, round));
			}
		}
	}
	return Object.fromEntries(names.map((name) => [name, Object.fromEntries(
		Object.entries(rounds[name]).map(([key, figures]) => [key, {
			us: median(figures.map((figure) => figure.us)),
			records: median(figures.map((figure) => figure.records)),
			ok: figures.reduce((sum, figure) => sum + figure.ok, 0),
			retransmissions: Math.max(...figures.map((figure) => figure.retransmissions)),
		}]))]));
}

async function measureHolds(name) {
	return {
		few: await measureHold(name, plan.few, plan.repeats, plan.fewWaitMs),
		many: await measureHold(name, plan.held, 1, plan.waitMs),
		// and Kamailio without memory touched in advance, to see how much it takes
		taken: await measureHold(name, plan.held / 5, 1, plan.waitMs / 2, { readyMemory: false }),
		...(name === 'mcxd' && { journal: await measureHold(name, plan.held, 1, plan.waitMs, { journalRecords: JOURNAL_RECORDS }) }),
	};
}

function measure(what, fn, ...args) {
	note(`mcxd, ${what}`);
	return fn({ ...options, folder: newFolder(what.replaceAll(' ', '-')) }, ...args);
}

// (c) The transport, of mcxd alone.
async function measureTransport() {
	return {
		options: await measure('OPTIONS over UDP', measureOptions, plan.options),
		unknown: await measure('INVITEs to nobody', measureBurst, { n: plan.burst, exists: false, waitMs: 20000 }),
		asleep: await measure('INVITEs to sleeping phones', measureBurst, { n: plan.burst, exists: true, waitMs: 20000 }),
		deaf: await measure('a peer that does not read', measureDeaf, plan.deaf),
		idle: await measure('idle connections', measureConnections, plan.idle),
		comeAndGo: await measure('connections come and go', measureComeAndGo, plan.comeAndGo),
	};
}

// (d) Event requests, of mcxd alone.
async function measureHttps() {
	const { few, many, ...invitations } = plan.polls;

	return {
		few: await measure(`${few} held event requests`, measurePolls, { n: few, ...invitations }),
		many: await measure(`${many} held event requests`, measurePolls, { n: many, ...invitations }),
		late: await measure('408s beside handshakes', measureLate, plan.late),
	};
}

// (e) Messages to phones, of mcxd alone: with a store in memory, and with one on disk.
async function measureStores() {
	const { rates, seconds } = plan.messages;
	const rows = [];

	for (const rate of rates) {
		const measureOne = (durable) => measure(`${rate} messages a second, ${durable ? 'durable' : 'in memory'}`,
			measureMessages, { rate, seconds, durable });

		rows.push({ rate, memory: await measureOne(false), disk: await measureOne(true) });
	}
	return rows;
}

// (f) Pushes, of mcxd alone, by the whole chain.
async function measureChain() {
	return {
		off: await measure('pushes, no journal', measurePushes, plan.pushes),
		on: await measure('pushes, with a journal', (o) => measurePushes({ ...o, journalRecords: JOURNAL_RECORDS }, plan.pushes)),
		silence: await measure('pushes beside a silent push service', measureSilence, plan.silence),
	};
}

async function main() {
	const everything = ['flow', 'hold', 'transport', 'polls', 'messages', 'pushes', 'fleet'];
	const all = everything.every((part) => !options[part]);
	const parts = Object.fromEntries(everything.map((part) => [part, all || options[part]]));
	const names = options.only ? [options.only] : ['mcxd', 'kamailio'];
	const results = parts.flow ? await measureFlows(names) : {};

	if (parts.hold) {
		for (const name of names)
			results[name] = { ...results[name], ...await measureHolds(name) };
	}
	const transport = parts.transport && names.includes('mcxd') ? await measureTransport() : null;
	const stores = parts.messages && names.includes('mcxd') ? await measureStores() : null;
	const pushes = parts.pushes && names.includes('mcxd') ? await measureChain() : null;
	const polls = parts.polls && names.includes('mcxd') ? await measureHttps() : null;
	const fleet = parts.fleet && names.includes('mcxd') ? await measure('a fleet', measureFleet, plan.fleet) : null;

	if (fleet && !fleet.good)
		trouble('a fleet', JSON.stringify(fleet));
	printFacts();
	if (parts.flow || parts.hold)
		printTable(results, plan, parts);
	if (transport)
		printTransport(transport, plan);
	if (polls)
		printPolls(polls);
	if (stores)
		printStores(stores);
	if (pushes)
		printPushes(pushes, plan);
	if (fleet)
		printFleet(fleet);
	for (const text of troubles)
		console.log(`TROUBLE ${text}`);
	if (troubles.length === 0)
		rmSync(top, { recursive: true });
	else
		console.log(`logs are in ${top}`);
	return troubles.length === 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM'])
	process.on(signal, () => process.exit(1));
process.on('exit', stopAll);
main().then((code) => process.exit(code), (error) => {
	console.error(error);
	process.exit(1);
});
